"""The dims of parameters: where they come from, that they travel in state dicts, and what loading refuses."""

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from namedtorch import DimError, Float
from namedtorch.values.parameters import name_parameters, parameter_dims

TABLE = [
    (nn.Linear(3, 4), {"weight": "out in", "bias": "out"}),
    (nn.Linear(3, 4, bias=False), {"weight": "out in"}),
    (nn.Bilinear(2, 3, 4), {"weight": "out in1 in2", "bias": "out"}),
    (nn.Conv2d(4, 8, 3), {"weight": "out in kh kw", "bias": "out"}),
    (nn.ConvTranspose1d(4, 8, 3), {"weight": "in out k", "bias": "out"}),
    (nn.Embedding(10, 4), {"weight": "vocabulary features"}),
    (nn.LayerNorm((2, 3)), {"weight": "normalized0 normalized1", "bias": "normalized0 normalized1"}),
    (
        nn.BatchNorm1d(4),
        dict.fromkeys(("weight", "bias", "running_mean", "running_var"), "channels"),
    ),
    (
        nn.LSTM(3, 5),
        {
            "weight_ih_l0": "gates in", "weight_hh_l0": "gates hidden",
            "bias_ih_l0": "gates", "bias_hh_l0": "gates",
        },
    ),
    (
        nn.MultiheadAttention(8, 2),
        {
            "in_proj_weight": "qkv embed", "in_proj_bias": "qkv",
            "out_proj.weight": "out in", "out_proj.bias": "out",
        },
    ),
    (nn.LazyLinear(4), {}),
    (nn.ReLU(), {}),
    (
        nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2, bias=False)),
        {"0.weight": "out in", "0.bias": "out", "2.weight": "out in"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("module", "dims"), TABLE, ids=lambda one: type(one).__name__)
def test_modules_of_torch_have_dims_without_any_work(module: nn.Module, dims: dict[str, str]) -> None:
    assert parameter_dims(module) == dims


class Scale(nn.Module):
    """A layer of a user, with annotations."""

    weight: Float[Tensor, "heads self.width"]
    bias: Float[Tensor, "heads"] | None
    plain: Tensor

    def __init__(self, width: int = 3) -> None:
        super().__init__()
        self.width = width
        self.weight = nn.Parameter(torch.ones(2, 3))
        self.bias = nn.Parameter(torch.ones(2))
        self.plain = nn.Parameter(torch.ones(2))
        self.register_buffer("mask", torch.ones(5, 5))
        self.register_buffer("cache", torch.ones(5), persistent=False)


def test_annotations_of_a_class_are_dims() -> None:
    assert parameter_dims(Scale()) == {"weight": "heads width", "bias": "heads"}


def test_annotations_that_are_not_true_are_no_dims() -> None:
    assert parameter_dims(Scale(width=4)) == {"bias": "heads"}


class Unread(nn.Module):
    """A layer whose annotations say nothing that can be read."""

    weight: "Nowhere[Tensor]"
    bias: list[Float[Tensor, "out"]]

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2, 3))
        self.bias = nn.Parameter(torch.ones(2))


def test_annotations_that_say_nothing_are_passed_by() -> None:
    assert parameter_dims(name_parameters(Unread())) == {}
    assert list(Unread().state_dict()) == ["weight", "bias"]


def test_a_user_names_parameters_and_buffers() -> None:
    model = Scale()
    assert name_parameters(model, weight="H W", plain="H", mask="T S") is model
    assert parameter_dims(model) == {"weight": "H W", "bias": "heads", "plain": "H", "mask": "T S"}
    name_parameters(model, mask="S T")
    assert parameter_dims(model)["mask"] == "S T"
    assert all(type(one) is nn.Parameter for one in model.parameters())


def test_names_by_path() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    name_parameters(model, {"1.weight": "classes features"})
    assert parameter_dims(model)["1.weight"] == "classes features"
    assert parameter_dims(model[1])["weight"] == "classes features"


@pytest.mark.parametrize(
    ("text", "dims"),
    [
        ("out=4 in=6", "out in"), ("_ in", "_ in"), ("4 in", "_ in"), ("... in", "_ in"), ("*more in", "_ in"),
        ("(a=2 b) in", "(a b) in"), ("out 2*out-2", "out _"), ("where in", None), ("in class", "in class"),
    ],
)  # fmt: skip
def test_texts_are_shapes_of_the_language(text: str, dims: str | None) -> None:
    layer = nn.Linear(6, 4)
    if dims is None:
        with pytest.raises(DimError):
            name_parameters(layer, weight=text)
    else:
        assert parameter_dims(name_parameters(layer, weight=text))["weight"] == dims


REFUSED: list[tuple[nn.Module, dict[str, str], str]] = [
    (
        nn.Linear(3, 4), {"wieght": "out in"},
        "`Linear` has no parameter or buffer `wieght`; did you mean `weight`?",
    ),
    (
        nn.Linear(3, 4), {"kernel": "out in"},
        "`Linear` has no parameter or buffer `kernel`; it has `weight`, `bias`",
    ),
    (
        nn.Sequential(nn.Linear(3, 4)), {"weight": "out in"},
        "`Sequential` has no parameter or buffer `weight`; did you mean `0.weight`?",
    ),
    (
        nn.ReLU(), {"1.weight": "out in"},
        "`ReLU` has no parameter or buffer `1.weight`; it has none",
    ),
    (
        nn.Linear(3, 4), {"weight": "out=5 in"},
        "`weight` has size 4 at axis 0, but `out` is 5",
    ),
    (
        nn.Linear(3, 4), {"weight": "out in", "bias": "in"},
        "`bias` has size 4 at axis 0, but `in` is 3 (bound by `weight` at axis 1)",
    ),
    (
        nn.LazyLinear(4), {"weight": "out in"},
        (
            "`weight` has no sizes yet, for LazyLinear makes it at the first call; call the model once, then name "
            "its parameters"
        ),
    ),
    (
        nn.Linear(3, 4), {"weight": "... out ..."},
        "`weight`: '... out ...' does not tell which axes it names; use one `...` at most",
    ),
    (
        nn.Linear(3, 4), {"weight": "self.width in"},
        "`weight`: 'self.width in' asks for sizes that the module does not have",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("module", "texts", "message"), REFUSED, ids=lambda one: str(one)[:30])
def test_names_that_do_not_fit(module: nn.Module, texts: dict[str, str], message: str) -> None:
    with pytest.raises(DimError) as caught:
        name_parameters(module, texts)
    assert str(caught.value) == f"{message}\n  in name_parameters"


def test_every_mistake_is_told_and_nothing_is_named() -> None:
    layer = nn.Linear(3, 4)
    with pytest.raises(DimError) as caught:
        name_parameters(layer, weight="classes", bias="classes features", gain="classes")
    assert [one.code for one in caught.value.failures] == [
        "rank-differs",
        "rank-differs",
        "attribute-missing",
    ]
    assert parameter_dims(layer) == {"weight": "out in", "bias": "out"}
    assert not layer._state_dict_hooks


def test_conversions_keep_dims() -> None:
    layer = name_parameters(nn.Linear(3, 4), weight="classes features").to(torch.float64).eval()
    layer.requires_grad_(False)
    assert parameter_dims(layer)["weight"] == "classes features"
    layer.weight = nn.Parameter(torch.ones(7, 3))
    assert parameter_dims(layer)["weight"] == "classes features"


def test_a_lazy_layer_has_dims_after_its_first_call() -> None:
    layer = name_parameters(nn.LazyLinear(4))
    assert parameter_dims(layer) == {}
    layer(torch.ones(2, 3))
    assert parameter_dims(layer) == {"weight": "out in", "bias": "out"}
    state: Any = layer.state_dict()
    assert state._metadata[""]["namedtorch"]["dims"] == {"weight": "out in", "bias": "out"}


def test_parts_of_a_parametrized_weight_have_the_dims_that_they_surely_have() -> None:
    layer = parametrizations.weight_norm(nn.Linear(3, 4))
    assert parameter_dims(layer) == {
        "bias": "out",
        "parametrizations.weight.original0": "out _",
        "parametrizations.weight.original1": "out in",
    }
    name_parameters(layer, weight="classes features")
    assert "parametrizations.weight.original0" not in parameter_dims(layer)
    assert parameter_dims(name_parameters(layer, weight="classes=4 features=3")) == {
        "bias": "out",
        "parametrizations.weight.original0": "classes _",
        "parametrizations.weight.original1": "classes features",
    }


def test_spectral_norm_is_not_run_to_read_dims() -> None:
    layer = name_parameters(parametrizations.spectral_norm(nn.Linear(3, 4)))
    before = copy.deepcopy(layer.state_dict())
    assert parameter_dims(layer)["parametrizations.weight.original"] == "out in"
    assert all(torch.equal(one, before[name]) for name, one in layer.state_dict().items())


def test_shared_parameters_are_told_under_each_path() -> None:
    model = nn.ModuleDict({"embed": nn.Embedding(10, 4), "head": nn.Linear(4, 10, bias=False)})
    model["head"].weight = model["embed"].weight
    assert parameter_dims(model) == {"embed.weight": "vocabulary features", "head.weight": "out in"}
    assert parameter_dims(nn.ModuleList([model["head"], model["head"]])) == {
        "0.weight": "out in", "1.weight": "out in",
    }  # fmt: skip


def test_optimizers_and_graphs_take_named_models() -> None:
    model = name_parameters(nn.Linear(3, 4), weight="classes features")
    torch.optim.AdamW(model.parameters(), 0.1)
    x = torch.ones(2, 3)
    scripted = torch.jit.script(model)
    assert scripted(x).shape == (2, 4)
    assert torch.compile(model, backend="eager", fullgraph=True)(x).shape == (2, 4)
    assert torch.export.export(model, (x,)).module()(x).shape == (2, 4)
    assert not scripted._c.hasattr("_parameter_dims")
