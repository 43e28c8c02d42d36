"""Sizes that the first layers prove for the dims of a forward."""

import inspect
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from namedtorch import Float, checked
from namedtorch.archive.manifest import KnownSize
from namedtorch.diagnostics import LowerError
from namedtorch.dims.pattern import Dim, Group
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.proved import proved_sizes
from namedtorch.lower.source import Sources
from namedtorch.signature.function import signature_of
from namedtorch.signature.hints import TensorHint
from namedtorch.signature.known import with_known
from namedtorch.signature.signature import Signature
from tests.lower import first_layers as models
from tests.lower import unsure_layers as unsure
from tests.lower.unverified import lower


def signature(module: nn.Module, method: str = "forward") -> Signature:
    return signature_of(getattr(type(module), method)).without("self")


def proved(module: nn.Module) -> dict[str, str]:
    """The sizes proved of a module, as text: `C` is "3 conv.in_channels"."""
    sizes = proved_sizes(module, signature(module), Sources())
    return {dim: f"{one.size} {one.by}" for dim, one in sizes.items()}


PROVED: list[tuple[type[nn.Module], dict[str, str]]] = [
    (models.Convolution, {"C": "3 conv.in_channels"}),
    (models.Unbatched, {"C": "3 conv.in_channels"}),
    (models.AnyBatch, {"C": "3 conv.in_channels"}),
    (models.Grouped, {"C": "6 grouped.in_channels"}),
    (models.Transposed, {"C": "3 up.in_channels"}),
    (models.Normalized, {"C": "3 norm.num_features"}),
    (models.LastDims, {"T": "5 layer.normalized_shape[0]", "D": "7 layer.normalized_shape[1]"}),
    (models.Recurrent, {"D": "5 lstm.input_size"}),
    (models.Cell, {"D": "5 cell.input_size"}),
    (models.Attending, {"E": "10 attend.embed_dim", "K": "5 attend.kdim", "V": "7 attend.vdim"}),
    (models.TwoInputs, {"A": "5 both.in1_features", "B": "7 both.in2_features"}),
    (models.InSequential, {"C": "3 features.1.0.in_channels"}),
    (models.ByIndex, {"A": "5 layers.0.in_features", "B": "7 layers.1.in_features"}),
    (models.ByKey, {"A": "7 named.b.in_features"}),
    (models.ByPath, {"A": "5 inner.body.1.in_features"}),
    (models.InModule, {"A": "5 inner.body.1.in_features"}),
    (models.InMethod, {"A": "5 fc.in_features"}),
    (models.Subclassed, {"A": "5 scaled.in_features"}),
    (models.Renamed, {"A": "5 fc.in_features"}),
    (models.Dropped, {"A": "5 fc.in_features"}),
    (models.Rebinding, {"A": "5 fc.in_features"}),
    (models.AfterLooks, {"A": "5 fc.in_features"}),
    (models.InContext, {"A": "5 fc.in_features"}),
    (models.InCondition, {"A": "5 fc.in_features"}),
    (models.FirstOperand, {"A": "5 fc.in_features"}),
    (models.Repeated, {"A": "5 fc.in_features"}),
    (models.InArithmetic, {"A": "5 fc.in_features"}),
    (models.OneOfTwo, {"A": "5 fc.in_features"}),
    (models.Checked, {"A": "5 fc.in_features"}),
]

NOTHING = [
    unsure.InIf,
    unsure.InElse,
    unsure.AfterReturn,
    unsure.AfterReturnInLoop,
    unsure.InFor,
    unsure.InWhile,
    unsure.InTry,
    unsure.InUnknownContext,
    unsure.InMatch,
    unsure.InAssert,
    unsure.InLambda,
    unsure.InNestedFunction,
    unsure.InComprehension,
    unsure.InTernary,
    unsure.InOr,
    unsure.InChain,
    unsure.Rebound,
    unsure.Cut,
    unsure.ReboundPerhaps,
    unsure.ReboundByLoop,
    unsure.ReboundByWalrus,
    unsure.Added,
    unsure.Deleted,
    unsure.InPlace,
    unsure.InPlaceByAlias,
    unsure.InPlaceInList,
    unsure.InPlaceElsewhere,
    unsure.InPlaceInModule,
    unsure.InPlaceByOut,
    unsure.InPlaceData,
    unsure.Kept,
    unsure.Replaced,
    unsure.ReplacedInList,
    unsure.OtherReceiver,
    unsure.ByVariable,
    unsure.Unpacked,
    unsure.Chooses,
    unsure.Overridden,
    unsure.Left,
    unsure.Bare,
    unsure.Embedded,
    unsure.SecondLayer,
    unsure.Flattened,
    unsure.Computed,
    unsure.Broadcast,
    unsure.Anonymous,
    unsure.Labelled,
    unsure.InGroup,
    unsure.AmbiguousRank,
    unsure.TwoGroups,
    unsure.MaybeMissing,
    unsure.Listed,
    unsure.Generating,
    unsure.TooMany,
]

SIZES = {"B": 7, "N": 2, "M": 2, "H": 9, "W": 11, "T": 4, "S": 6}


@pytest.mark.parametrize(("owner", "sizes"), PROVED)
def test_first_layers_prove_sizes(owner: type[nn.Module], sizes: dict[str, str]) -> None:
    assert proved(owner()) == sizes


@pytest.mark.parametrize(("owner", "sizes"), PROVED)
def test_a_proved_size_is_the_only_one_with_which_a_call_returns(
    owner: type[nn.Module], sizes: dict[str, str]
) -> None:
    module = owner().eval()
    known = {dim: one.size for dim, one in proved_sizes(module, signature(module), Sources()).items()}
    assert known.keys() == sizes.keys()
    with torch.no_grad():
        module(*arguments(module, {**SIZES, **known}))
        for dim, size in known.items():
            for wrong in (1, size - 1, size + 1, 2 * size):
                with pytest.raises((RuntimeError, ValueError, AssertionError, TypeError)):
                    module(*arguments(module, {**SIZES, **known, dim: wrong}))


def arguments(module: nn.Module, sizes: dict[str, int]) -> list[torch.Tensor]:
    """Tensors for the tensor parameters of a forward."""
    found: list[torch.Tensor] = []
    for one in signature(module).parameters:
        if isinstance(one.hint, TensorHint):
            axes = [axis for axis in one.hint.shape.axes if not isinstance(axis, Group)]
            assert all(isinstance(axis, Dim) for axis in axes)
            found.append(torch.ones([size_of(axis, sizes) for axis in axes]))
    return found


def size_of(axis: Any, sizes: dict[str, int]) -> int:
    return sizes[axis.name] if axis.size is Unknown else axis.size.evaluate(sizes)


@pytest.mark.parametrize("owner", NOTHING)
def test_nothing_is_proved_where_it_is_not_certain(owner: type[nn.Module]) -> None:
    assert proved(owner()) == {}


# What of these returns for another size than the layer has, so that a proof would be wrong.
RETURNS = [
    (unsure.InIf, (-torch.ones(2, 7),)),
    (unsure.InElse, (torch.ones(2, 7),)),
    (unsure.AfterReturn, (torch.ones(2, 7),)),
    (unsure.AfterReturnInLoop, (torch.ones(2, 7),)),
    (unsure.InFor, (torch.ones(1, 7),)),
    (unsure.InWhile, (torch.ones(2, 7),)),
    (unsure.InTry, (torch.ones(2, 7),)),
    (unsure.InUnknownContext, (torch.ones(2, 7),)),
    (unsure.InMatch, (torch.ones(2, 7),)),
    (unsure.InLambda, (torch.ones(2, 7),)),
    (unsure.InNestedFunction, (torch.ones(2, 7),)),
    (unsure.InComprehension, (torch.ones(1, 7),)),
    (unsure.InTernary, (torch.ones(2, 7),)),
    (unsure.InOr, (torch.ones(2, 7),)),
    (unsure.InChain, (torch.ones(2, 7),)),
    (unsure.Rebound, (torch.ones(2, 7),)),
    (unsure.Cut, (torch.ones(2, 7),)),
    (unsure.ReboundPerhaps, (torch.ones(2, 7),)),
    (unsure.ReboundByLoop, (torch.ones(2, 7),)),
    (unsure.ReboundByWalrus, (torch.ones(2, 7),)),
    (unsure.Added, (torch.ones(2, 7),)),
    (unsure.Deleted, (torch.ones(2, 7), torch.ones(2))),
    (unsure.InPlace, (torch.ones(2, 7),)),
    (unsure.InPlaceByAlias, (torch.ones(2, 7),)),
    (unsure.InPlaceInList, (torch.ones(2, 7),)),
    (unsure.InPlaceData, (torch.ones(2, 7),)),
    (unsure.Replaced, (torch.ones(2, 7),)),
    (unsure.ReplacedInList, (torch.ones(2, 7),)),
    (unsure.ByVariable, (torch.ones(2, 7),)),
    (unsure.Chooses, (torch.ones(2, 2, 7),)),
    (unsure.Overridden, (torch.ones(2, 7),)),
    (unsure.Bare, (torch.ones(2, 7, 2, 2),)),
    (unsure.AmbiguousRank, (torch.ones(3, 7, 5),)),
]


@pytest.mark.parametrize(("owner", "given"), RETURNS)
def test_models_of_which_nothing_is_proved_take_other_sizes(
    owner: type[nn.Module], given: tuple[torch.Tensor, ...]
) -> None:
    with torch.no_grad():
        owner().eval()(*(one.clone() for one in given))


def hooked(before: bool) -> nn.Module:
    module = models.Convolution()
    hook: Any = lambda part, taken, *rest: None  # noqa: E731
    module.conv.register_forward_pre_hook(hook) if before else module.conv.register_forward_hook(hook)
    return module


def changed(change: Any) -> nn.Module:
    module = models.Convolution()
    change(module)
    return module


def shrink(module: models.Convolution) -> None:
    module.conv.weight = nn.Parameter(module.conv.weight.sum(1, keepdim=True))


def patch(module: models.Convolution) -> None:
    module.conv.forward = lambda x: x  # pyright: ignore[reportAttributeAccessIssue]


def parametrize(module: models.Convolution) -> None:
    nn.utils.parametrizations.weight_norm(module.conv)


def hide(module: models.Convolution) -> None:
    vars(module)["conv"] = models.opaque


def script(module: models.Convolution) -> None:
    module.conv = torch.jit.script(module.conv)  # pyright: ignore[reportAttributeAccessIssue]


def lazy(module: models.Convolution) -> None:
    module.conv = nn.LazyConv2d(4, 3)


def remove(module: models.Convolution) -> None:
    module.conv = None  # pyright: ignore[reportAttributeAccessIssue]


def watch(module: models.Convolution) -> None:
    module.register_forward_pre_hook(lambda part, taken: None)


@pytest.mark.parametrize("change", [shrink, patch, parametrize, hide, script, lazy, remove, watch])
def test_nothing_is_proved_by_a_layer_that_is_not_what_its_class_is(change: Any) -> None:
    assert proved(changed(change)) == {}


def test_hooks_before_a_layer_hide_what_it_takes_and_hooks_behind_do_not() -> None:
    assert proved(hooked(before=True)) == {}
    assert proved(hooked(before=False)) == {"C": "3 conv.in_channels"}


ADOPTED = [
    (nn.Linear(5, 2), "x: N A -> N B", {"A": "5 in_features"}),
    (nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), "x: N C H W -> N D U V", {"C": "3 0.in_channels"}),
    (nn.Sequential(nn.Flatten(), nn.Linear(5, 2)), "x: N A -> N B", {}),
    (nn.Sequential(), "x: N A -> N A", {}),
    (models.Inner(), "image: N A -> N B", {"A": "5 body.1.in_features"}),
    (nn.TransformerEncoderLayer(4, 2, 8), "x: T N E -> T N E", {}),
]


@pytest.mark.parametrize(("module", "text", "sizes"), ADOPTED)
def test_modules_that_get_their_signature_as_text(
    module: nn.Module, text: str, sizes: dict[str, str]
) -> None:
    assert proved(checked(module, text)) == sizes


def test_other_methods_prove_sizes_too() -> None:
    module = models.Convolution()
    given = signature(checked(nn.Linear(5, 2), "x: N A -> N B"))
    assert proved_sizes(module, given, Sources(), "encode") == {"A": KnownSize(5, "fc.in_features")}
    assert proved_sizes(module, given, Sources(), "nowhere") == {}


def line_of(text: str, owner: type) -> int:
    lines, first = inspect.getsourcelines(owner)
    return first + next(place for place, line in enumerate(lines) if text in line)


def test_layers_that_prove_two_sizes_are_named_with_their_lines() -> None:
    file = Path(models.__file__)
    with pytest.raises(LowerError) as caught:
        proved(models.TwoLayers())
    assert str(caught.value) == (
        "TwoLayers.forward can't be called: `A` is 5 for fc.in_features and 7 for other.in_features; "
        "make the two layers take the same size\n"
        f"  {file}:{line_of('self.fc(x)', models.TwoLayers)}\n"
        "    y = self.fc(x)\n"
        f"  {file}:{line_of('self.other(x)', models.TwoLayers)}\n"
        "    return y + self.other(x)"
    )
    with pytest.raises(LowerError) as caught:
        proved(models.TwoParameters())
    assert str(caught.value) == (
        "TwoParameters.forward can't be called: `A` is 5 for fc.in_features and 7 for layers.1.in_features; "
        "make the two layers take the same size, or give `y` a dim of its own there\n"
        f"  {file}:{line_of('self.fc(x)', models.TwoParameters)}\n"
        "    return self.fc(x).sum() + self.layers[1](y)"
    )


def test_a_signature_is_closed_over_what_is_proved() -> None:
    module = models.InArithmetic()
    sizes = proved_sizes(module, signature(module), Sources())
    closed = with_known(signature(module), {dim: one.size for dim, one in sizes.items()})
    assert str(closed) == "x: N A=5, y: 2*A -> A=5"


class SaysAnother(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.width = 4
        self.head = nn.Linear(3, 2)

    def forward(self, x: Float[Tensor, "*batch self.width"]) -> Float[Tensor, "*batch 2"]:
        return self.head(x)


def test_an_annotation_that_contradicts_the_first_layer_is_an_error() -> None:
    with pytest.raises(LowerError) as caught:
        lower(SaysAnother())
    assert "SaysAnother.forward can't be called: `x` has `width=4` at axis 1 in its annotation, and " in str(
        caught.value
    )
    assert "head.in_features is 3; correct one of the two" in str(caught.value)
    assert "return self.head(x)" in str(caught.value)
    with pytest.raises(
        LowerError, match=r"`input` has `D=4` at axis 1 in its annotation, and in_features is 2"
    ):
        lower(nn.Linear(2, 3), signature="input: N D=4 -> N E")
