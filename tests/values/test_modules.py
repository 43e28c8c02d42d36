"""Every module of the table takes and gives named tensors: the numbers of plain torch, under the names that stay."""

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.modules.loss import _Loss

from namedtorch.diagnostics import DimError
from namedtorch.ops.table import MODULES, spelled
from namedtorch.values import NamedTensor
from tests.values.drawing import given, is_close, shown, taken, tensors
from tests.values.layers import LAYERS, Layer, layer


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Torch warns of classes that it gives up, and of empty parameters of lazy ones."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def called(module: nn.Module, arguments: list[Any], pair: bool) -> Any:
    """The result of a call with a seed; what follows the first argument of an LSTM is a pair of states."""
    torch.default_generator.manual_seed(2)
    if pair and len(arguments) > 1:
        return module(arguments[0], tuple(arguments[1:]))
    return module(*arguments)


def started(case: Layer, training: bool) -> tuple[Any, Any, list[Tensor], list[NamedTensor]]:
    """The results of the plain and the named call, and the arguments of both."""
    pair = case.kind in (nn.LSTM, nn.LSTMCell)
    # Losses are differentiated by their input; of some, targets can't be.
    by_all = not issubclass(case.kind, _Loss)
    floating = [
        one.is_floating_point() and (place == 0 or by_all) for place, (one, _) in enumerate(taken(case.dims))
    ]
    plain = [
        one.clone().requires_grad_(wants) for (one, _), wants in zip(taken(case.dims), floating, strict=True)
    ]
    named = [
        NamedTensor(one.clone().requires_grad_(wants), dims)
        for (one, dims), wants in zip(taken(case.dims), floating, strict=True)
    ]
    expected = called(case.plain.make(training), plain, pair)
    return expected, called(case.make(training), named, pair), plain, named


@pytest.mark.parametrize("training", [True, False], ids=["training", "eval"])
@pytest.mark.parametrize("case", LAYERS, ids=str)
def test_a_module_gives_the_numbers_of_plain_torch_under_names(case: Layer, training: bool) -> None:
    expected, result, plain, named = started(case, training)
    assert shown(result) == given(case.dims)
    assert is_close(result, expected)
    outputs = [one for one in tensors(expected) if one.requires_grad]
    if outputs:
        torch.autograd.backward([one.sum() for one in outputs])
        torch.autograd.backward([one.sum() for one in tensors(result) if one.requires_grad])
        for one, other in zip(plain, named, strict=True):
            assert (one.grad is None) == (other.grad is None)
            if one.grad is not None and other.grad is not None:
                assert torch.allclose(one.grad, other.grad.tensor, equal_nan=True)
                assert other.grad.dims == other.dims


@pytest.mark.parametrize("case", LAYERS, ids=str)
def test_a_module_takes_tensors_without_names(case: Layer) -> None:
    if isinstance(case.options.get("dim"), str):
        pytest.skip("a dim told by name has to be there")
    arguments = [NamedTensor(one, (None,) * one.dim()) for one, _ in taken(case.dims)]
    plain = [one for one, _ in taken(case.dims)]
    pair = case.kind in (nn.LSTM, nn.LSTMCell)
    result = called(case.make(training=False), arguments, pair)
    assert is_close(result, called(case.make(training=False), plain, pair))
    own = set(shown(result).replace(",", "").split())
    # What a layer of einops makes, its pattern names.
    assert own <= {"_", "()"} or case.kind.__module__.startswith("einops")


def test_every_module_of_the_table_has_a_case() -> None:
    tried = {spelled(f"{case.kind.__module__}.{case.kind.__qualname__}") for case in LAYERS}
    assert sorted(set(MODULES) - tried) == []


REFUSED = [
    (layer(nn.GRU, "T=5 N=2 in=4, layers=1 M=2 hidden=6", 4, 6), "it takes one state for each element of the batch"),
    (layer(nn.RNNCell, "N=2 in=4, M=2 hidden=6", 4, 6), "it takes one state for each element of the batch"),
    (layer(nn.LSTM, "T=5 N=2 in=4, layers=1 N=2 H=6, layers=1 N=2 K=6", 4, 6), "both states have the same axes"),
    (layer(nn.MultiheadAttention, "T=5 N=2 D=8, S=3 M=2 D=8, S=3 M=2 D=8", 8, 2), "`M`"),
    (layer(nn.Bilinear, "N=2 one=5, M=2 other=7", 5, 7, 11), "both inputs have one batch"),
    (layer(nn.MSELoss, "N=2 C=3, N=2 K=3"), "`K`=3"),
    (layer(nn.CrossEntropyLoss, "N=2 C=4, M=2:i4"), "M=2"),
    (layer(nn.CosineSimilarity, "N=2 C=4, N=2 D=4"), "`D`=4"),
    (layer(nn.TripletMarginWithDistanceLoss, "N=2 D=4, N=2 D=4, N=2 D=4", reduction="none"), "does not tell"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "said"), REFUSED, ids=str)
def test_a_module_refuses_names_that_do_not_go_together(case: Layer, said: str) -> None:
    arguments = [NamedTensor(*one) for one in taken(case.dims)]
    with pytest.raises(DimError) as caught:
        called(case.make(training=False), arguments, case.kind is nn.LSTM)
    assert said in str(caught.value)


# Modules that hold others, and calls that are more than one forward


def test_a_model_of_several_modules_carries_names_through() -> None:
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(2),
        nn.Linear(16, 5),
    )
    image = NamedTensor(torch.randn(2, 3, 8, 8), ("N", "C", "H", "W"))
    assert model(image).dims == ("N", None, None)
    assert model[:5](image).dims == ("N", None, "(H W)")


def test_columns_of_an_image_become_the_image_again() -> None:
    image = NamedTensor(torch.randn(2, 3, 4, 4), ("N", "C", "H", "W"))
    columns = nn.Unfold(2, stride=2)(image)
    assert columns.dims == ("N", "(C _ _)", "(H W)")
    again = nn.Fold((4, 4), 2, stride=2)(columns)
    assert again.dims == image.dims
    assert torch.equal(again.tensor, image.tensor)


def test_an_adaptive_softmax_predicts() -> None:
    module = nn.AdaptiveLogSoftmaxWithLoss(6, 9, [3, 6])
    x = NamedTensor(torch.randn(4, 6), ("N", "features"))
    assert torch.allclose(module.log_prob(x).tensor, module.log_prob(x.tensor))
    assert module.predict(x).dims == ("N",)
    assert torch.equal(module.predict(x).tensor, module.predict(x.tensor))


def test_a_module_called_with_other_parameters_takes_named_tensors() -> None:
    weights = {"weight": torch.randn(4, 3), "bias": torch.randn(4)}
    x = NamedTensor(torch.randn(2, 3), ("N", "features"))
    result = torch.func.functional_call(nn.Linear(3, 4), weights, (x,))
    assert result.dims == ("N", None)
    assert torch.equal(result.tensor, x.tensor @ weights["weight"].T + weights["bias"])


def test_full_backward_hooks_of_modules_do_not_see_named_tensors() -> None:
    # torch looks for tensors among the arguments of the module; hooks of tensors are called.
    layer, seen = nn.Linear(3, 4), list[str]()
    layer.register_full_backward_hook(lambda *taken: seen.append("module"))
    x = NamedTensor(torch.randn(2, 3, requires_grad=True), ("N", "C"))
    result = layer(x)
    result.register_hook(lambda gradient: seen.append(shown(gradient)))
    result.sum().backward()
    assert seen == ["N _"]


@pytest.mark.parametrize(
    "normalized", [nn.utils.parametrizations.weight_norm, nn.utils.parametrizations.spectral_norm]
)
def test_a_parametrized_module_takes_named_tensors(normalized: Any) -> None:
    x = NamedTensor(torch.randn(2, 3), ("N", "features"))
    assert normalized(nn.Linear(3, 4))(x).dims == ("N", None)
