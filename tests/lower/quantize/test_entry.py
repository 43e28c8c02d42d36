"""The entry: what is refused and how it is said, what is lowered, and the builtins that torch leaves."""

import copy
import gc
import pickle
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.ao.quantization import QConfigMapping, get_default_qconfig
from torch.jit import _builtins

import namedtorch
from namedtorch import Float, LowerError, checked, lower, prepare, quantize
from namedtorch.lower import torchscript
from namedtorch.lower.torchscript import forget_stale_builtins
from tests.lower.quantize.plain_models import Exported, Optionals, Record, settled
from tests.lower.quantize.test_units import decibels, image


class Plain(nn.Module):
    """A layer without dims."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(3, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(x)


class Rows(Plain):
    """A layer with dims."""

    def forward(self, x: Float[Tensor, "N F=3"]) -> Float[Tensor, "N classes=5"]:
        return self.head(x)


REFUSED: list[tuple[Any, str, str]] = [
    (
        lambda: quantize(Rows(), "static"),
        "no data",
        'method="static" learns the scales of activations from data, and was given none: ',
    ),
    (
        lambda: quantize(Rows(), "static", iter([])),
        "empty",
        "the data has no batches, so there is nothing to calibrate with",
    ),
    (lambda: quantize(Rows, "dynamic"), "class", "Rows is a class, not a module: make one, Rows(...)"),  # type: ignore[arg-type] # what users may give
    (
        lambda: quantize(prepare(Rows(), "static"), "dynamic"),
        "prepared",
        "<Prepared Rows: x: N F=3 -> N classes=5> is made of the model that is quantized: give that model, or call",
    ),
    (
        lambda: quantize(Rows(), "static", [torch.randn(2, 3)], batches=0),
        "no batches",
        "batches=0 is no number of batches: give 1 or more, or None for all",
    ),
    (
        lambda: prepare(Rows(), "static", qconfig=QConfigMapping()),
        "no qconfig",
        'nothing in Rows can be quantized by "static"\n  the model: its qconfig has nothing for any of its layers',
    ),
    (
        lambda: prepare(Rows(), "qat", qconfig=get_default_qconfig("x86")),
        "observers",
        "training needs fake-quants, and this qconfig has observers: take torch.ao.quantization.get_default",
    ),
    (
        lambda: quantize(torch.jit.script(nn.ReLU()), "dynamic"),
        "script",
        "this is TorchScript already, and what is quantized is the module that it was made of",
    ),
    (
        lambda: quantize(Plain(), "dynamic"),
        "no dims",
        "Plain.forward names no dims, so inputs could not be held to anything: annotate it (image: Float[Tensor, ",
    ),
    (
        lambda: prepare(Rows(), "dynamic"),  # type: ignore[arg-type] # what users may give
        "prepare dynamic",
        'prepare takes "static" or "qat", not \'dynamic\'; "dynamic" needs no data and no training: quantize(model',
    ),
    (
        lambda: quantize(Rows().to("meta"), "dynamic"),
        "meta",
        "Rows is on the device meta, where tensors have sizes and no values: load its weights, then quantize it",
    ),
    (
        lambda: prepare(Rows().double(), "static"),
        "double",
        "Rows computes in float64, and torch quantizes float32: quantize model.float()",
    ),
]


@pytest.mark.parametrize(("call", "_", "text"), REFUSED, ids=[one[1] for one in REFUSED])
def test_what_is_refused_says_what_to_do(call: Any, _: str, text: str) -> None:
    with pytest.raises(LowerError) as caught:
        call()
    assert str(caught.value).startswith(text)


def test_a_signature_may_be_given() -> None:
    quantized = quantize(
        Plain(), "static", [torch.randn(4, 3)], signature="x: N F=3 -> N classes=5", progress=False
    )
    assert str(quantized.signature) == "x: N F=3 -> N classes=5"
    assert repr(quantized).endswith(
        "Plain, static for " + quantized.quantization.engine + ": x: N F=3 -> N classes=5>"
    )
    assert [*quantized.quantization.layers] == ["head"]


@pytest.fixture(scope="module")
def quantized() -> namedtorch.QuantizedModel:
    torch.manual_seed(0)
    return quantize(settled(Record()), "static", [image()], progress=False)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"guards": "all"},
        {"guards": "none"},
        {"method": "auto"},
        {"example": lambda N: torch.zeros(N, 3, 8, 8)},  # a dim
        {"metadata": {"labels": ["a", "b"]}},
    ],
    ids=["script", "all", "none", "auto", "example", "metadata"],
)
def test_a_quantized_model_is_lowered_in_every_way(
    quantized: namedtorch.QuantizedModel, given: dict[str, Any]
) -> None:
    lowered = lower(quantized, **given)
    x = image()
    assert torch.equal(lowered(x)[0], quantized(x).scores)
    assert lowered.manifest.quantization == quantized.quantization
    assert lowered.manifest.metadata == given.get("metadata", {})
    assert lowered.report.verification is not None
    frozen = lowered.freeze()
    assert torch.equal(frozen(x)[0], quantized(x).scores)
    if given.get("guards") != "none":
        with pytest.raises(namedtorch.DimError, match="is it N H W C"):
            lowered(x.permute(0, 2, 3, 1))


def test_exported_methods_are_lowered() -> None:
    model = settled(Exported())
    quantized = quantize(model, "static", [image()], progress=False)
    lowered = lower(quantized, verify=False)
    x = image()
    assert torch.equal(lowered.features(x), quantized.module.features(x))
    assert decibels(quantized.float_module.features(x), lowered.features(x)) > 20


def test_optional_tensors_are_lowered() -> None:
    quantized = quantize(settled(Optionals()), "static", [image()], progress=False)
    lowered = lower(quantized, verify=False)
    x, mask = image(), torch.rand(2, 1, 12, 12)
    assert torch.equal(lowered(x), quantized(x))
    assert torch.equal(lowered(x, mask), quantized(x, mask=mask))


def test_a_quantized_model_is_not_lowered_as_another(quantized: namedtorch.QuantizedModel) -> None:
    with pytest.raises(LowerError, match="has its signature"):
        lower(quantized, signature="x: N C H W -> N classes")


def test_copies_are_apart_and_pickles_are_refused(quantized: namedtorch.QuantizedModel) -> None:
    x = image()
    other = copy.deepcopy(quantized)
    assert torch.equal(other(x).scores, quantized(x).scores)
    assert other.module.body is not quantized.module.body
    for one in (quantized, quantized.module):
        with pytest.raises(TypeError, match=r"save what lower makes, lower\(quantized\)\.save"):
            pickle.dumps(one)


def test_samples_are_those_of_the_data_or_drawn(quantized: namedtorch.QuantizedModel) -> None:
    [given] = quantized.samples()
    assert given[0][0].shape == (2, 3, 12, 12)
    x = torch.randn(4, 3)
    dynamic = quantize(Rows(), "dynamic", [x, x], progress=False)
    assert [torch.equal(args[0], x) for args, _ in dynamic.samples()] == [True, True]
    assert quantize(Rows(), "dynamic").samples()


# torch's table of builtins maps ids of functions to operators, and keeps those of functions that are gone.


def doubled(x: Float[Tensor, "N F"]) -> Float[Tensor, "N F"]:
    """A function of a user's, whose id torch has in its table."""
    return x * 2


class Calling(nn.Module):
    """A model that calls it."""

    @checked
    def forward(self, x: Float[Tensor, "N F"]) -> Float[Tensor, "N F"]:
        return doubled(x)


class Unchecked(nn.Module):
    """The same without names."""

    def forward(self, x: Tensor) -> Tensor:
        return doubled(x)


@pytest.fixture
def stale() -> Any:
    table = _builtins._get_builtin_table()
    table[id(doubled)] = "quantized_decomposed::quantize_per_tensor"
    yield table
    table.pop(id(doubled), None)


def test_torch_compiles_a_function_as_the_operator_that_had_its_id(stale: dict[int, str]) -> None:
    # What the next two tests rest on.
    with pytest.raises(RuntimeError):
        torch.jit.script(Unchecked())


def test_lower_is_not_led_astray_by_ids_of_operators_that_are_gone(stale: dict[int, str]) -> None:
    x = torch.randn(2, 3)
    assert torch.equal(lower(Calling())(x), x * 2)
    assert id(doubled) not in stale


def test_plain_script_of_a_checked_model_is_not_either(stale: dict[int, str]) -> None:
    x = torch.randn(2, 3)
    assert torch.equal(torch.jit.script(Calling())(x), x * 2)


def test_no_entry_of_the_table_is_stale_after_quantization_was_imported() -> None:
    import torch.ao.quantization.quantize_fx  # noqa: F401 # registers operators, and frees some of them

    forget_stale_builtins()
    gc.unfreeze()
    gc.collect()
    table = _builtins._get_builtin_table()
    own = {id(function) for function, _ in _builtins._builtin_ops}
    live = {id(one): one for one in gc.get_objects() if id(one) in table}
    for key, operator in table.items():
        if key not in own:
            assert key in live, operator
            assert operator.rpartition("::")[2] in live[key].__name__ or operator.startswith(
                ("aten::", "prim::")
            )


def test_what_servers_freeze_before_they_fork_is_not_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torchscript, "_HELD", {})
    forget_stale_builtins()
    table = _builtins._get_builtin_table()
    known = dict(table)
    torchscript._HELD.clear()
    gc.collect()
    gc.freeze()  # hides everything from the collector
    forget_stale_builtins()
    assert dict(table) == known
    assert any(operator.startswith("aten::is_scripting") for operator in table.values())
