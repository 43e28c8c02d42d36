"""Under torch.compile and torch.export a checked function is captured whole, and refuses by the dim's name."""

import copy
import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Optional

import pytest
import torch
import torch._dynamo
from torch import Tensor, nn

from namedtorch import DimError, Float, checked, checking

z = torch.zeros


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


class Counting:
    """A backend that runs graphs as they are, and counts them."""

    def __init__(self) -> None:
        self.graphs = 0
        self.runs = 0

    def __call__(self, graph: Any, inputs: Any) -> Any:
        self.graphs += 1

        def run(*values: Any) -> Any:
            self.runs += 1
            return graph.forward(*values)

        return run


class Pair(NamedTuple):
    left: Float[Tensor, "N C"]
    right: Float[Tensor, "C"]


def affine(x, y, k=3):
    return x + y * k


def annotated(x: Float[Tensor, "N C"], y: Float[Tensor, "C"], k: float = 3) -> Float[Tensor, "N C"]:
    return x + y * k


def grouped(x: Float[Tensor, "*b C"], y: Float[Tensor, "*#b C"]) -> Float[Tensor, "*b C"]:
    return x + y


def placed(x: Float[Tensor, "*a C *c"], mean: Float[Tensor, "C"]) -> Float[Tensor, "..."]:
    return x + mean.sum()


def arithmetic(x: Float[Tensor, "N 2*C"], y: Float[Tensor, "C where C % 2 == 1"]) -> Float[Tensor, "N C"]:
    return x[:, : y.shape[0]]


def flattened(x: Float[Tensor, "N (h=2 d)"]) -> Float[Tensor, "N 2 d"]:
    return x.unflatten(1, (2, x.shape[1] // 2))


def listed(xs: list[Float[Tensor, "?H C"]], y: Optional[Float[Tensor, "C"]] = None) -> Float[Tensor, "N C"]:
    out = torch.cat(xs)
    return out if y is None else out + y


def mapped(xs: dict[str, Float[Tensor, "N C"]]) -> Float[Tensor, "N C"]:
    return xs["a"] + xs["b"]


def union(x: Float[Tensor, "N C"] | Float[Tensor, "N C H"]) -> Float[Tensor, "N"]:
    return x.flatten(1).sum(1)


def record(p: Pair) -> Float[Tensor, "N C"]:
    return p.left + p.right


def formatted(x: Float[Tensor, "N C H W @ channels_last"]) -> Float[Tensor, "N C H W"]:
    return x + 1


def twins(x: Float[Tensor, "N C"], y: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
    return x + y


def options(x: Float[Tensor, "N"], mode: str = "sum", *, scale: Optional[float] = None) -> Float[Tensor, ""]:
    return x.sum() if mode == "sum" else x.mean()


def last(n: int) -> Tensor:
    return z(n, 3, 4, 4).to(memory_format=torch.channels_last)


FUNCTIONS: list[tuple[Callable[..., Any], Callable[[int], tuple[Any, ...]], tuple[Any, ...], str]] = [
    (annotated, lambda n: (z(n, 3), z(3)), (z(2, 3), z(4)), "`y` has size 4 at axis 0, but `C`"),
    (grouped, lambda n: (z(n, 5, 3), z(5, 3)), (z(2, 5, 3), z(4, 3)), "`y` has the sizes"),
    (placed, lambda n: (z(n + 3, 3, 2), z(3)), (z(2, 4), z(3)), "`x` has no axis for `C`"),
    (arithmetic, lambda n: (z(n, 6), z(3)), (z(2, 7), z(3)), "`x` has size 7 at axis 1, but `2*C`"),
    (flattened, lambda n: (z(n, 6),), (z(2, 7),), "`x` has size 7 at axis 1, but `(h=2 d)`"),
    (listed, lambda n: ([z(n, 3), z(2, 3)], z(3)), ([z(2, 3), z(2, 4)],), "size 4 at axis 1, but `C`"),
    (
        mapped,
        lambda n: ({"a": z(n, 3), "b": z(n, 3)},),
        ({"a": z(2, 3), "b": z(3, 3)},),
        "at axis 0, but `N`",
    ),
    (union, lambda n: (z(n, 3, 2),), (z(2, 3, 4, 5),), "`x`"),
    (
        record,
        lambda n: (Pair(z(n, 3), z(3)),),
        (Pair(z(2, 3), z(4)),),
        "`p.right` has size 4 at axis 0, but `C`",
    ),
    (formatted, lambda n: (last(n),), (z(2, 3, 4, 4),), "`x` is not stored as `@ channels_last`"),
    (twins, lambda n: (z(n, 3), z(n, 3)), (z(2, 3), z(2, 4)), "`y` has size 4 at axis 1, but `C`"),
    (options, lambda n: (z(n),), (z(2, 2),), "`x` has rank 2, but `N` has rank 1"),
]
IDS = [one[0].__name__ for one in FUNCTIONS]


def without_sizes(text: str) -> str:
    return re.sub(r"(size|rank) (\d+|\?)", r"\1 ?", text)


@pytest.mark.parametrize("eager_first", [False, True])
@pytest.mark.parametrize(("function", "arguments", "wrong", "message"), FUNCTIONS, ids=IDS)
def test_captured_whole(
    function: Callable[..., Any],
    arguments: Callable[[int], tuple[Any, ...]],
    wrong: tuple[Any, ...],
    message: str,
    eager_first: bool,
) -> None:
    held = checked(function)
    if eager_first:
        held(*arguments(2))
    compiled = torch.compile(held, backend="eager", fullgraph=True)
    for size in (2, 3, 5):
        assert compiled(*arguments(size)).shape == function(*arguments(size)).shape
    with pytest.raises(torch._dynamo.exc.Unsupported) as caught:
        compiled(*wrong)
    # While a graph is captured nothing can be looked up: sizes and places in a list are left out of the text.
    assert without_sizes(message) in without_sizes(str(caught.value))
    # The function itself still works, and refuses, in Python.
    held(*arguments(2))
    with pytest.raises(DimError) as eager:
        held(*wrong)
    assert message in str(eager.value)


@pytest.mark.parametrize(("function", "arguments", "wrong", "message"), FUNCTIONS, ids=IDS)
def test_refused_without_fullgraph(
    function: Callable[..., Any],
    arguments: Callable[[int], tuple[Any, ...]],
    wrong: tuple[Any, ...],
    message: str,
) -> None:
    compiled = torch.compile(checked(function), backend="eager")
    compiled(*arguments(2))
    with pytest.raises(DimError) as caught:
        compiled(*wrong)
    assert message in str(caught.value)
    assert caught.value.failures
    compiled(*arguments(3))


@pytest.mark.parametrize(("function", "arguments", "wrong", "message"), FUNCTIONS, ids=IDS)
def test_no_more_recompiles(
    function: Callable[..., Any],
    arguments: Callable[[int], tuple[Any, ...]],
    wrong: tuple[Any, ...],
    message: str,
) -> None:
    def count(target: Callable[..., Any]) -> int:
        torch._dynamo.reset()
        backend = Counting()
        compiled = torch.compile(target, backend=backend)
        for size in (2, 3, 5, 7, 11, 64):
            compiled(*arguments(size))
        return backend.graphs

    assert count(checked(function)) <= count(function)


def test_an_eager_call_between_does_not_recompile() -> None:
    backend = Counting()
    held = checked(annotated)
    compiled = torch.compile(held, backend=backend)
    compiled(z(2, 3), z(3))
    held(z(2, 3), z(3))
    compiled(z(2, 3), z(3))
    assert backend.graphs == 1


@checked
class Network(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.linear = nn.Linear(width, 4)

    def forward(self, x: Float[Tensor, "N self.width"], *, scale: float = 1.0) -> Float[Tensor, "N 4"]:
        return self.linear(x) * scale


class Outer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.ModuleList([Network(3), Network(4)])

    def forward(self, x: Tensor) -> Tensor:
        for one in self.inner:
            x = one(x)
        return x


@pytest.mark.parametrize("eager_first", [False, True])
@pytest.mark.parametrize(
    "made", [lambda: Network(3), Outer, lambda: checked(nn.Linear(3, 4), "input: N 3 -> N 4")]
)
def test_modules(made: Callable[[], nn.Module], eager_first: bool) -> None:
    module = made()
    if eager_first:
        module(z(2, 3))
    compiled = torch.compile(module, backend="eager", fullgraph=True)
    for size in (2, 3, 5, 7):
        assert compiled(z(size, 3)).shape == (size, 4)
    with pytest.raises(torch._dynamo.exc.Unsupported, match="axis 1, but"):
        compiled(z(2, 5))
    assert torch.allclose(compiled(torch.ones(2, 3)), module(torch.ones(2, 3)))
    torch._dynamo.reset()
    compiled = torch.compile(module, backend="eager")
    # Without gradients: where a graph breaks, torch itself warns of what it asks the tensors in between.
    with torch.no_grad():
        with pytest.raises(DimError, match="axis 1, but"):
            compiled(z(2, 5))
        assert compiled(z(2, 3)).shape == (2, 4)


def test_a_refusal_leaves_the_graph_in_use() -> None:
    backend = Counting()
    compiled = torch.compile(checked(annotated), backend=backend)
    for wrong_first in (True, False):
        if wrong_first:
            with pytest.raises(DimError):
                compiled(z(2, 3), z(4))
        compiled(z(2, 3), z(3))
    assert backend.runs >= 2


def test_module_compile_in_place() -> None:
    module = Network(3)
    module.compile(backend="eager", fullgraph=True)
    assert module(z(2, 3)).shape == (2, 4)


def test_modules_recompile_no_more() -> None:
    class Plain(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.width = 3
            self.linear = nn.Linear(3, 4)

        def forward(self, x, *, scale=1.0):
            return self.linear(x) * scale

    def count(module: nn.Module) -> int:
        torch._dynamo.reset()
        backend = Counting()
        compiled = torch.compile(module, backend=backend)
        for size in (2, 3, 5, 7, 11):
            compiled(z(size, 3))
        return backend.graphs

    assert count(Network(3)) == count(Plain())


def test_off_under_compile() -> None:
    compiled = torch.compile(checked(annotated), backend="eager", fullgraph=True)
    with checking("off"):
        assert compiled(z(2, 3), z(1)).shape == (2, 3)
    with pytest.raises(torch._dynamo.exc.Unsupported, match="`y` has size"):
        compiled(z(2, 3), z(1))


def test_training_through_compile() -> None:
    module = Network(3)
    compiled = torch.compile(module, backend="aot_eager", fullgraph=True)
    compiled(torch.ones(2, 3)).sum().backward()
    assert module.linear.weight.grad is not None


def test_a_checked_function_within_a_compiled_one() -> None:
    held = checked(annotated)

    def outer(x):
        return held(x, x[0]) + held(x, y=x[0], k=2)

    compiled = torch.compile(outer, backend="eager", fullgraph=True)
    for size in (2, 3, 4):
        assert compiled(z(size, 3)).shape == (size, 3)


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("eager_first", [False, True])
def test_export(strict: bool, eager_first: bool) -> None:
    module = Network(3)
    if eager_first:
        module(z(2, 3))
    size = torch.export.Dim("N", min=2)
    program = torch.export.export(module, (z(4, 3),), dynamic_shapes={"x": {0: size}}, strict=strict)
    for rows in (2, 4, 9):
        assert program.module()(z(rows, 3)).shape == (rows, 4)
    with pytest.raises(
        (DimError, torch._dynamo.exc.Unsupported, torch._dynamo.exc.UserError), match="axis 1, but"
    ):
        torch.export.export(module, (z(4, 5),), strict=strict)


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("kind", ["grouped", "flattened", "formatted", "listed", "arithmetic"])
def test_export_of_the_language(kind: str, strict: bool) -> None:
    function, arguments, _, _ = next(one for one in FUNCTIONS if one[0].__name__ == kind)

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.held = checked(function)

        def forward(self, *args):
            return self.held(*args)

    program = torch.export.export(Model(), arguments(4), strict=strict)
    assert program.module()(*arguments(4)).shape == function(*arguments(4)).shape


def test_trace_vmap_and_functional_calls() -> None:
    held = checked(annotated)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sizes are tensors while tracing, and every comparison of them warns
        traced = torch.jit.trace(held, (z(2, 3), z(3)), check_trace=False)
    assert traced(z(2, 3), z(3)).shape == (2, 3)
    assert torch.vmap(held, in_dims=(0, None))(z(5, 2, 3), z(3)).shape == (5, 2, 3)
    assert torch.func.grad(lambda x, y: held(x, y).sum())(z(2, 3), z(3)).shape == (2, 3)
    module = Network(3)
    assert torch.func.functional_call(module, dict(module.named_parameters()), (z(2, 3),)).shape == (2, 4)


def test_fake_and_meta_tensors() -> None:
    from torch._subclasses.fake_tensor import FakeTensorMode

    held = checked(annotated)
    assert held(z(2, 3, device="meta"), z(3, device="meta")).shape == (2, 3)
    with FakeTensorMode():
        assert held(z(2, 3), z(3)).shape == (2, 3)
        with pytest.raises(DimError):
            held(z(2, 3), z(4))


def test_copies_of_modules() -> None:
    module = Network(3)
    for again in (copy.copy(module), copy.deepcopy(module)):
        assert again(z(2, 3)).shape == (2, 4)
        with pytest.raises(DimError):
            again(z(2, 4))
