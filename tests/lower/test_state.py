"""What a module holds: parameters and buffers by path, with the dims that are known of them."""

from typing import Any, Optional

import jaxtyping
import pytest
import torch
from torch import Tensor, nn

from namedtorch import Float, Int, checked
from namedtorch.archive.manifest import Manifest, Method, State
from namedtorch.diagnostics import LowerError
from namedtorch.lower.functions import Functions
from namedtorch.lower.state import state_of
from namedtorch.signature.plan import build_plan
from namedtorch.signature.text import parse_signature


class Annotated(nn.Module):
    """Dims on attributes in every place where they can be written."""

    table: Float[Tensor, "rows self.width"]
    missing: Optional[Float[Tensor, "rows"]]
    maybe: Optional[Float[Tensor, "C"]]
    foreign: jaxtyping.Float[Tensor, "a b"]
    plain: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.width = 7
        self.weight: Float[nn.Parameter, "out in"] = nn.Parameter(torch.ones(3, 5))
        self.bias: "Float[nn.Parameter, 'out']" = nn.Parameter(torch.ones(3))
        self.rows: Float[nn.ParameterList, "..."] = nn.ParameterList([torch.ones(2)])
        self.register_buffer("table", torch.ones(2, 7))
        self.register_buffer("missing", None)
        self.register_buffer("maybe", torch.ones(4))
        self.register_buffer("foreign", torch.ones(2, 3))
        self.register_buffer("plain", torch.ones(2, 3))
        self.register_buffer("passing", torch.ones(2), persistent=False)
        self.both: Float[Tensor, "N *rest C"]
        self.register_buffer("both", torch.ones(2, 3, 5, 7))
        self.count: Int[Tensor, ""]
        self.register_buffer("count", torch.zeros((), dtype=torch.int64))


class Heir(Annotated):
    """A subclass that says more than its base."""

    plain: Float[Tensor, "x=2 y"]


class Adapted(nn.Linear):
    """A subclass of torch's with a parameter of its own."""

    down: Float[Tensor, "rank in"]

    def __init__(self) -> None:
        super().__init__(5, 3)
        self.down = nn.Parameter(torch.ones(2, 5))
        self.up = nn.Parameter(torch.ones(3, 2))


class Renamed(nn.Linear):
    """A subclass that calls the dims of torch's otherwise."""

    weight: Float[Tensor, "classes features"]


class Untrue(nn.Module):
    """Annotations that what is there does not fit."""

    def __init__(self) -> None:
        super().__init__()
        self.a: Float[Tensor, "N C"] = nn.Parameter(torch.ones(3))
        self.b: Float[Tensor, "C C"] = nn.Parameter(torch.ones(2, 3))
        self.c: Float[Tensor, "self.nothing"] = nn.Parameter(torch.ones(3))
        self.d: Float[Tensor, "4"] = nn.Parameter(torch.ones(3))
        self.e: Float[Tensor, "N C @ C N"] = nn.Parameter(torch.ones(2, 3))


class Written(nn.Module):
    """Annotations that do not come out as bare dims."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = 3
        self.a: Float[Tensor, "4*hidden in"] = nn.Parameter(torch.ones(12, 5))
        self.b: Float[Tensor, "_ #C ..."] = nn.Parameter(torch.ones(2, 3, 5))
        self.c: Float[Tensor, "(h w) 2*self.hidden h"] = nn.Parameter(torch.ones(10, 6, 2))
        self.d: Float[Tensor, "N C where N > 1"] = nn.Parameter(torch.ones(2, 3))
        self.e: Float[Tensor, "N C @ C N"] = nn.Parameter(torch.ones(3, 2).t())


class Wide(nn.Module):
    """Modules of torch, nested and shared."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 4, 5), nn.BatchNorm2d(4))
        self.head = nn.Linear(4, 2, bias=False)
        self.tied = self.head
        self.attend = nn.MultiheadAttention(4, 2)
        self.scale = nn.Parameter(torch.ones(4))
        self.alias = self.scale


class Nested(nn.Module):
    """A part that is TorchScript already."""

    def __init__(self) -> None:
        super().__init__()
        self.part = torch.jit.script(nn.Linear(5, 3))


def channels_last() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 4, 5), nn.Conv2d(1, 4, 1)).to(memory_format=torch.channels_last)


def resized() -> nn.Module:
    module = nn.Conv2d(3, 4, 5, bias=False)
    module.weight = nn.Parameter(module.weight.sum(1, keepdim=True))
    return module


DIMS: list[tuple[Any, dict[str, str | None]]] = [
    (
        Annotated,
        {
            "weight": "out=3 in=5",
            "bias": "out=3",
            "table": "rows=2 width=7",
            "maybe": "C=4",
            "foreign": "a=2 b=3",
            "plain": None,
            "both": "N=2 *rest C=7",
            "count": None,
            "rows.0": None,
        },
    ),
    (
        Heir,
        {
            "weight": "out=3 in=5",
            "bias": "out=3",
            "table": "rows=2 width=7",
            "maybe": "C=4",
            "foreign": "a=2 b=3",
            "plain": "x=2 y=3",
            "both": "N=2 *rest C=7",
            "count": None,
            "rows.0": None,
        },
    ),
    (Adapted, {"weight": "out=3 in=5", "bias": "out=3", "down": "rank=2 in=5", "up": None}),
    (lambda: Renamed(5, 3), {"weight": "classes=3 features=5", "bias": "out=3"}),
    (Untrue, dict.fromkeys("abcde")),
    (
        Written,
        {
            "a": "4*hidden in=5",
            "b": "_ #C ...",
            "c": "(h w) 6 h=2",
            "d": "N=2 C=3 where N > 1",
            "e": "N=2 C=3 @ C N",
        },
    ),
    (
        Wide,
        {
            "scale": None,
            "alias": None,
            "features.0.weight": "out=4 in=3 kh=5 kw=5",
            "features.0.bias": "out=4",
            "features.1.weight": "channels=4",
            "features.1.bias": "channels=4",
            "features.1.running_mean": "channels=4",
            "features.1.running_var": "channels=4",
            "features.1.num_batches_tracked": None,
            "head.weight": "out=2 in=4",
            "tied.weight": "out=2 in=4",
            "attend.in_proj_weight": "qkv=12 embed=4",
            "attend.in_proj_bias": "qkv=12",
            "attend.out_proj.weight": "out=4 in=4",
            "attend.out_proj.bias": "out=4",
        },
    ),
    (lambda: nn.CrossEntropyLoss(torch.ones(5)), {"weight": "classes=5"}),
    (lambda: nn.BCELoss(torch.ones(5)), {"weight": "..."}),
    (resized, {"weight": None}),
    (lambda: checked(nn.Linear(5, 3, bias=False), "x: N C -> N K"), {"weight": "out=3 in=5"}),
    (Nested, {"part.weight": None, "part.bias": None}),
    (nn.ReLU, {}),
]


@pytest.mark.parametrize(("make", "dims"), DIMS)
def test_every_tensor_of_the_state_has_the_dims_that_are_known(
    make: Any, dims: dict[str, str | None]
) -> None:
    module = make()
    state = state_of(module)
    assert {path: one.dims for path, one in state.items()} == dims
    tensors = {path: value for path, value in module.state_dict().items() if isinstance(value, Tensor)}
    assert list(state) == list(tensors)
    for path, value in tensors.items():
        assert state[path].sizes == tuple(value.shape)
        assert state[path].dtype == str(value.dtype).removeprefix("torch.")


def test_parameters_are_told_from_buffers() -> None:
    state = state_of(nn.BatchNorm1d(5, dtype=torch.float64))
    assert state["weight"] == State("parameter", "float64", (5,), "channels=5")
    assert state["running_mean"] == State("buffer", "float64", (5,), "channels=5")
    assert state["num_batches_tracked"] == State("buffer", "int64", ())


def test_the_memory_format_is_said_where_it_is_not_that_of_the_axes() -> None:
    state = state_of(channels_last())
    assert state["0.weight"].memory_format == "channels_last"
    assert state["0.bias"].memory_format is None
    # One channel is stored both ways at once.
    assert state["1.weight"].memory_format is None
    last = nn.Conv3d(3, 4, 5).to(memory_format=torch.channels_last_3d)  # pyright: ignore[reportCallIssue]
    assert state_of(last)["weight"].memory_format == "channels_last_3d"


def test_a_lazy_parameter_has_no_sizes_to_tell() -> None:
    with pytest.raises(LowerError) as caught:
        state_of(nn.Sequential(nn.ReLU(), nn.LazyLinear(3)))
    assert str(caught.value) == (
        "1.weight has no sizes yet, for LazyLinear makes it at the first call: call the model once, then lower it"
    )


def test_a_lazy_module_that_was_called_is_what_it_became() -> None:
    module = nn.LazyLinear(3)
    module(torch.ones(2, 5))
    assert state_of(module)["weight"].dims == "out=3 in=5"


def test_the_files_of_a_lowering_are_read_once() -> None:
    functions = Functions()
    first = state_of(Annotated(), functions)
    assert state_of(Annotated(), functions) == first
    assert list(functions.sources._files) == [__file__]


def test_a_state_is_what_a_manifest_can_hold() -> None:
    signature = parse_signature("x: N C -> N")
    manifest = Manifest(
        name="m.Model",
        kind="module",
        mode="eval",
        guards="boundary",
        methods={"forward": Method(signature, build_plan(signature))},
        torch_version=torch.__version__,
        state={**state_of(Annotated()), **state_of(Wide()), **state_of(Written())},
    )
    assert Manifest.from_json(manifest.to_json()).state == manifest.state
