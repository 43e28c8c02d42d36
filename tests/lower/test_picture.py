"""The picture of a model: what ran, in which module, and the dims of what went from here to there."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import namedtorch
from namedtorch import Float, Int, NamedTensor, checked, named, named_module
from namedtorch.archive.drawing import Drawing
from namedtorch.archive.fields import VERSIONS
from namedtorch.archive.manifest import Method
from namedtorch.archive.version import SCHEMA_VERSION
from namedtorch.lower.drawing import examples_of
from namedtorch.lower.picture import picture_of
from namedtorch.lower.picture_run import MOST_NODES
from namedtorch.lower.signatures import held_signature
from namedtorch.signature.plan import build_plan


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Any:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def pictured(given: Any, example: Any = None) -> Drawing | None:
    function = type(given).forward if isinstance(given, nn.Module) else given
    signature = held_signature(function).without("self")
    methods = {"forward": Method(signature, build_plan(signature))}
    examples = examples_of(given, methods, train=False, example=example)
    return picture_of(given, methods, examples)


def drawn(given: Any, example: Any = None) -> Drawing:
    found = pictured(given, example)
    assert found is not None
    assert Drawing.of(found.to_dict(), VERSIONS[SCHEMA_VERSION]) == found
    return found


def lines(drawing: Drawing) -> list[str]:
    """A line for each node: where it is, what it is, and what goes into it."""
    found: list[str] = []
    for place, node in enumerate(drawing.nodes):
        given = [one for one in drawing.edges if one.target == place]
        sources = [f"{drawing.nodes[one.source].label}({one.dims})" for one in given]
        around = drawing.parts[node.part].path
        label = f"{node.label} {node.path}".strip()
        found.append(f"{around}: {label} <- {', '.join(sources)}".removesuffix("<- ").strip())
    return found


class Block(nn.Module):
    def __init__(self, channels: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride, 1)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: Float[Tensor, "N K h w"]) -> Float[Tensor, "N K h2 w2"]:
        return F.relu(self.norm(self.conv(x)))


class Images(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(inplace=True))
        self.blocks = nn.ModuleList([Block(4), Block(4, 2)])
        self.scale = nn.Parameter(torch.ones(4, 1, 1))
        self.head = nn.Linear(4, 5)

    def forward(self, image: Float[Tensor, "N C=3 H W where H >= 4, W >= 4"]) -> Float[Tensor, "N classes=5"]:
        x = self.stem(image)
        for block in self.blocks:
            x = x[:, :, ::1] + block(x) if block.conv.stride == (1, 1) else block(x)
        return self.head((x * self.scale).mean((2, 3)))


def test_what_runs_and_the_dims_between() -> None:
    drawing = drawn(Images())
    assert [(one.kind, one.path, one.parent) for one in drawing.parts] == [
        ("Images", "", None),
        ("Sequential", "stem", 0),
        ("Block", "blocks.0", 0),
        ("Block", "blocks.1", 0),
    ]
    half = "(H+1)//2 (W+1)//2"
    assert lines(drawing) == [
        ": image",
        "stem: Conv2d stem.0 <- image(N C=3 H W)",
        "stem: ReLU stem.1 <- Conv2d(N K=4 H W)",
        ": getitem <- ReLU(N K=4 H W)",
        "blocks.0: Conv2d blocks.0.conv <- ReLU(N K=4 H W)",
        "blocks.0: BatchNorm2d blocks.0.norm <- Conv2d(N 4 H W)",
        "blocks.0: relu <- BatchNorm2d(N 4 H W)",
        ": add <- getitem(N 4 H W), relu(N K=4 H W)",
        "blocks.1: Conv2d blocks.1.conv <- add(N K=4 H W)",
        f"blocks.1: BatchNorm2d blocks.1.norm <- Conv2d(N 4 {half})",
        f"blocks.1: relu <- BatchNorm2d(N 4 {half})",
        ": scale scale",
        f": mul <- relu(N K=4 {half}), scale(4 1 1)",
        f": mean <- mul(N 4 {half})",
        ": Linear head <- mean(N 4)",
        ": result <- Linear(N classes=5)",
    ]
    details = {one.label: one.detail for one in drawing.nodes}
    assert (details["getitem"], details["mean"]) == ("(:, :, ::1)", "(2, 3)")
    assert details["Linear"] == "in_features=4, out_features=5, bias=True"
    assert {one.dtype for one in drawing.edges} == {"float32"}


def test_the_model_is_left_as_it_was() -> None:
    model = Images().train()
    before = {name: one.clone() for name, one in model.state_dict().items()}
    random = torch.get_rng_state()
    drawn(model)
    assert model.training
    assert all(torch.equal(one, before[name]) for name, one in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random)
    assert not any(one._forward_hooks or one._forward_pre_hooks for one in model.modules())
    assert torch.relu(named(torch.zeros(2), "N")).dims == ("N",)


class Attention(nn.Module):
    """A body with names, which say more than sizes do."""

    def __init__(self) -> None:
        super().__init__()
        self.q = named_module(nn.Linear(8, 8), "D -> D")
        self.k = named_module(nn.Linear(8, 8), "D -> D")

    def forward(
        self,
        x: Float[NamedTensor, "N T D=8"],
        key: Float[NamedTensor, "N S D"],
        mask: Float[NamedTensor, "N S"],
    ) -> Float[NamedTensor, "N heads T S"]:
        q = self.q(x).unflatten("D", (("heads", 2), ("d", 4))).align_to("N", "heads", ..., "d")
        k = self.k(key).unflatten("D", (("heads", 2), ("d", 4))).align_to("N", "heads", ..., "d")
        scores = namedtorch.contract(q, k, over="d")
        return scores * mask.align_as(scores)


def test_named_bodies_name_what_has_one_size() -> None:
    found = {edge.dims for edge in drawn(Attention()).edges}
    dims = {
        "N T D=8",
        "N S D=8",
        "N T heads=2 d=4",
        "N heads=2 S d=4",
        "N heads=2 T S",
        "N S",
        "N heads=1 1 S",
    }
    assert dims <= found


def in_place(x: Float[Tensor, "N M=4"]) -> Float[Tensor, "N M"]:
    kept = x.clone()
    made = torch.zeros_like(kept)
    made[:, 0] = kept[:, 1]
    made[:, 2].add_(1)
    kept.mul_(2)
    return made + kept


def test_what_is_changed_in_place_goes_on_from_there() -> None:
    assert lines(drawn(in_place)) == [
        ": x",
        ": clone <- x(N M=4)",
        ": zeros_like <- clone(N 4)",
        ": getitem <- clone(N 4)",
        ": setitem <- zeros_like(N 4), getitem(N)",
        ": getitem <- setitem(N 4)",
        ": add_ <- getitem(N)",
        ": mul_ <- clone(N 4)",
        ": add <- add_(N 4), mul_(N 4)",
        ": result <- add(N M=4)",
    ]


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.dropout = nn.Dropout()

    def forward(self, x: Float[Tensor, "N 4"]) -> Float[Tensor, "N 4"]:
        return x.relu() + self.dropout(x)


def test_what_is_given_back_unchanged_is_not_what_went_in() -> None:
    assert lines(drawn(Residual()))[-2:] == [": add <- relu(N 4), Dropout(N 4)", ": result <- add(N 4)"]
    assert lines(drawn(Residual()))[1:3] == [": relu <- x(N 4)", ": Dropout dropout <- x(N 4)"]


class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x * 2

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return gradients[0] * 2


def doubled(x: Float[Tensor, "N 4"]) -> Float[Tensor, "N 4"]:
    return Double.apply(x.relu()).tanh()


def test_functions_that_torch_calls_in_silence_are_heard() -> None:
    assert lines(drawn(doubled))[1:] == [
        ": relu <- x(N 4)",
        ": mul <- relu(N 4)",
        ": tanh <- mul(N 4)",
        ": result <- tanh(N 4)",
    ]


class Loop(nn.Module):
    """A module that is called again and again, as often as the sequence is long."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = Cell()

    def forward(self, x: Float[Tensor, "N T D=3"]) -> Float[Tensor, "N D"]:
        state = torch.zeros_like(x[:, 0])
        for step in x.unbind(1):
            state = self.cell(step, state)
        return state


class Cell(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.eye(3))

    def forward(self, x: Tensor, state: Tensor) -> Tensor:
        return (x + state) @ self.weight


def test_each_call_of_a_module_is_a_part_and_dims_that_change_the_run_keep_their_size() -> None:
    drawing = drawn(Loop(), lambda N, T: torch.randn(N, T, 3))
    calls = [one for one in drawing.parts if one.path == "cell"]
    (given,) = {edge.dims for edge in drawing.edges if edge.source == 0}
    assert given == f"N T={len(calls)} D=3"
    assert len([one for one in drawing.nodes if one.label == "weight"]) == len(calls) > 1
    assert lines(drawing)[-1] == ": result <- matmul(N D=3)"


class Scores(NamedTuple):
    best: Float[Tensor, "N"]
    places: Int[Tensor, "N"]


def scored(
    images: list[Float[Tensor, "N 4"]], pair: tuple[Float[Tensor, "N 4"], Float[Tensor, "N 4"]]
) -> Scores:
    best, places = (images[0] + pair[1]).max(1)
    return Scores(best, places)


def test_arguments_and_results_say_where_they_stand() -> None:
    drawing = drawn(scored)
    assert [one.label for one in drawing.nodes if one.kind == "input"] == [
        "images[0]",
        "images[1]",
        "pair[0]",
        "pair[1]",
    ]
    assert lines(drawing)[-2:] == [": result.best <- max(N)", ": result.places <- max(N)"]
    assert drawing.edges[-1].dtype == "int64"


def fails(x: Float[Tensor, "N 4"]) -> Float[Tensor, "N 4"]:
    raise RuntimeError("never")


def endless(x: Float[Tensor, "N 4"]) -> Float[Tensor, "N 4"]:
    for _ in range(MOST_NODES):
        x = x + 1
    return x


class Moody(nn.Module):
    """It runs for whoever lowers it, and for nobody who watches."""

    def forward(self, x: Float[Tensor, "N 4"]) -> Float[Tensor, "N 4"]:
        if torch.overrides._get_current_function_mode_stack():
            raise KeyError("watched")
        return x + 1


@pytest.mark.parametrize("given", [fails, endless, Moody()], ids=["fails", "too large", "watched"])
def test_what_can_not_be_drawn_has_no_picture(given: Any) -> None:
    assert pictured(given) is None


def test_lowering_draws_what_it_verifies() -> None:
    model = Images().eval()
    assert namedtorch.lower(model, verify=False).manifest.drawing is None
    lowered = namedtorch.lower(model)
    assert lowered.manifest.drawing == drawn(model)
    assert namedtorch.lower(Moody(), method="trace").manifest.drawing is None


@pytest.mark.parametrize(
    "hint", [Float[Tensor, "*batch D=4"], Float[Tensor, "... D=4"]], ids=["named", "anonymous"]
)
def test_groups_of_axes(hint: Any) -> None:
    layer = nn.Linear(4, 3)

    def grouped(x: Any) -> Any:
        return layer(x).relu()

    grouped.__annotations__ = {"x": hint, "return": Float[Tensor, "..."]}
    found = drawn(checked(grouped))
    shown = "*batch" if "*batch" in str(hint) else "..."
    # A function that calls a module is no module: its linear function is what runs.
    assert lines(found)[0] == ": x"
    assert found.edges[0].dims == f"{shown} D=4"


def test_modules_of_torch_are_one_node() -> None:
    class Sequence(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(3, 4, batch_first=True)
            self.encoder = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True)

        def forward(self, x: Float[Tensor, "N T D=3"]) -> Float[Tensor, "N T 4"]:
            return self.encoder(self.lstm(x)[0])

    assert lines(drawn(Sequence().eval())) == [
        ": x",
        ": LSTM lstm <- x(N T D=3)",
        ": TransformerEncoderLayer encoder <- LSTM(N T 4)",
        ": result <- TransformerEncoderLayer(N T 4)",
    ]


def test_the_picture_is_the_same_each_time() -> None:
    make: Callable[[], Drawing] = lambda: drawn(Images())  # noqa: E731
    assert make() == make()
