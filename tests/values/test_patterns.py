"""Patterns: rearranged, reduced, repeated and contracted tensors, held to einops and to torch."""

from collections.abc import Callable
from typing import Any

import einops
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import namedtorch
from namedtorch import (
    NamedTensor,
    contract,
    einsum,
    named,
    rearrange,
    reduce,
    repeat,
    symbolic_trace,
)
from namedtorch.dims.size import Size
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Plain
from namedtorch.ops.patterns import recipe
from namedtorch.ops.values import Array, Fields
from namedtorch.values import patterns
from namedtorch.values.operation import as_value
from tests.values.named_cases import label, of

# What they give

REARRANGED: list[tuple[NamedTensor, str, dict[str, int], tuple[str | None, ...]]] = [
    (of("N D T", 2, 6, 5), "N (heads d) T -> N heads T d", {"heads": 2}, ("N", "heads", "T", "d")),
    (of("N D T", 2, 6, 5), "N (heads d) T -> N heads T d", {"d": 2}, ("N", "heads", "T", "d")),
    (of("N D T", 2, 6, 5), "N (a b c) T -> c N (b T) a", {"a": 3, "c": 1}, ("c", "N", "(b T)", "a")),
    (of("N C H W", 2, 3, 4, 5), "N C H W -> N H W C", {}, ("N", "H", "W", "C")),
    (of("N C H W", 2, 3, 4, 5), "N C H W -> N (C H W)", {}, ("N", "(C H W)")),
    (of("N C H W", 2, 3, 4, 6), "N C (H a) (W b) -> N (C a b) H W", {"a": 2, "b": 3}, ("N", "(C a b)", "H", "W")),
    (of("_ _ T", 2, 3, 4), "N C T -> T C N", {}, ("T", "C", "N")),
    (of("_ C _", 2, 3, 4), "_ C T -> T _ C", {}, ("T", None, "C")),
    (of("N C", 2, 1), "N 1 -> N", {}, ("N",)),
    (of("N C", 2, 3), "N C -> 1 N 1 C", {}, (None, "N", None, "C")),
    (of("N C", 2, 3), "N C -> (N C 1)", {}, ("(N C)",)),
    (of("N C", 2, 3), "N C -> N C", {}, ("N", "C")),
    (of("N C H W", 2, 3, 4, 5), "N ... -> ... N", {}, ("C", "H", "W", "N")),
    (of("N C H _", 2, 3, 4, 5), "... W -> W ...", {}, ("W", "N", "C", "H")),
    (of("N C", 2, 3), "... N C -> C ... N", {}, ("C", "N")),
    (of("", *()), " -> ", {}, ()),
    (of("N C", 0, 3), "N (C k) -> (N k) C", {"k": 3}, ("(N k)", "C")),
    (of("N in", 2, 6), "N (in class) -> in N class", {"class": 2}, ("in", "N", "class")),
    (of("größe π", 2, 6), "größe π -> π größe", {}, ("π", "größe")),
]  # fmt: skip


def for_einops(pattern: str, sizes: dict[str, int]) -> tuple[str, dict[str, int]]:
    """A pattern as einops reads it, where words of Python, `_` and names that are not ASCII are no names."""
    words = {word: f"a{place}" for place, word in enumerate(("in", "class", "_", "größe", "π"))}
    spaced = pattern.replace("(", "( ").replace(")", " )").split(" ")
    return " ".join(words.get(one, one) for one in spaced), {
        words.get(one, one): size for one, size in sizes.items()
    }


@pytest.mark.parametrize(("x", "pattern", "sizes", "dims"), REARRANGED, ids=label)
def test_a_rearrange_is_that_of_einops_under_names(
    x: NamedTensor, pattern: str, sizes: dict[str, int], dims: tuple[str | None, ...]
) -> None:
    found = rearrange(x, pattern, **sizes)
    assert found.dims == dims
    theirs, given_sizes = for_einops(pattern, sizes)
    expected = einops.rearrange(x.tensor, theirs, **given_sizes)
    assert torch.equal(found.tensor, expected)
    assert (found.tensor.data_ptr() == x.tensor.data_ptr()) == (expected.data_ptr() == x.tensor.data_ptr())
    method: Any = x
    again = method.rearrange(pattern, **sizes)
    assert again.dims == dims
    assert torch.equal(again.tensor, expected)
    plain = rearrange(x.tensor, pattern, **sizes)
    assert torch.equal(plain.tensor, expected)


def test_names_come_back_where_an_axis_is_split_again() -> None:
    x = of("N C H", 2, 3, 4)
    flat = rearrange(x, "N C H -> N (C H)")
    assert flat.dims == ("N", "(C H)")
    again = rearrange(flat, "N (C H) -> N C H", C=3)
    assert again.dims == x.dims
    assert torch.equal(again.tensor, x.tensor)
    assert rearrange(flat, "N _ -> _ N").dims == ("(C H)", "N")
    assert rearrange(flat, "N _ -> (N _)").dims == ("(N C H)",)


def test_sizes_may_stand_in_the_pattern() -> None:
    x = of("N D", 2, 6)
    assert rearrange(x, "N (heads=2 d) -> heads N d").shape == (2, 2, 3)
    assert rearrange(x, "N=2 (heads d=3) -> heads N d", heads=2).shape == (2, 2, 3)
    assert repeat(x, "N D -> N D K=4").shape == (2, 6, 4)


REDUCED: list[tuple[NamedTensor, str, str, dict[str, int], tuple[str | None, ...]]] = [
    (of("N C H W", 2, 3, 4, 6), "N C (H h) (W w) -> N C H W", "max", {"h": 2, "w": 3}, ("N", "C", "H", "W")),
    (of("N C H W", 2, 3, 4, 6), "N C (H 2) (W 3) -> N C H W", "min", {}, ("N", "C", "H", "W")),
    (of("N C H W", 2, 3, 4, 6), "N C H W -> C", "mean", {}, ("C",)),
    (of("N C H W", 2, 3, 4, 6), "N C H W -> W N", "prod", {}, ("W", "N")),
    (of("N C H W", 2, 3, 4, 6), "N ... -> N", "sum", {}, ("N",)),
    (of("N C H W", 2, 3, 4, 6), "... H W -> ... 1 1", "mean", {}, ("N", "C", None, None)),
    (of("N C H W", 2, 3, 4, 6), "N C H W -> (C N)", "sum", {}, ("(C N)",)),
    (of("_ C", 2, 3), "_ C -> C", "sum", {}, ("C",)),
    (of("N C", 2, 3), "N C -> N C", "sum", {}, ("N", "C")),
    (of("N C", 2, 3), "N C -> ", "sum", {}, ()),
]  # fmt: skip


@pytest.mark.parametrize(("x", "pattern", "reduction", "sizes", "dims"), REDUCED, ids=label)
def test_a_reduction_is_that_of_einops_under_names(
    x: NamedTensor, pattern: str, reduction: str, sizes: dict[str, int], dims: tuple[str | None, ...]
) -> None:
    found = reduce(x, pattern, reduction, **sizes)
    assert found.dims == dims
    expected = einops.reduce(x.tensor, pattern.replace("_", "any1"), reduction, **sizes)
    torch.testing.assert_close(found.tensor, expected)
    method: Any = x
    assert method.reduce(pattern, reduction, **sizes).dims == dims


@pytest.mark.parametrize(
    ("reduction", "expected"),
    [
        ("any", lambda t: (t > 0).any(2).any(0)),
        ("all", lambda t: (t > 0).all(2).all(0)),
        ("logsumexp", lambda t: torch.logsumexp(t, (0, 2))),
        ("std", lambda t: torch.std(t, (0, 2))),
        ("var", lambda t: torch.var(t, (0, 2))),
    ],
)
def test_other_reductions_are_those_of_torch(reduction: str, expected: Callable[[torch.Tensor], Any]) -> None:
    x = of("N C T", 2, 3, 4)
    given_to = named(x.tensor > 0, "N C T") if reduction in ("any", "all") else x
    found = reduce(given_to, "N C T -> C", reduction)
    assert found.dims == ("C",)
    torch.testing.assert_close(found.tensor, expected(x.tensor))


REPEATED: list[tuple[NamedTensor, str, dict[str, int], tuple[str | None, ...]]] = [
    (of("N C", 2, 3), "N C -> N C K", {"K": 4}, ("N", "C", "K")),
    (of("N C", 2, 3), "N C -> K C N", {"K": 4}, ("K", "C", "N")),
    (of("N C", 2, 3), "N C -> N (C K)", {"K": 4}, ("N", "(C K)")),
    (of("N C", 2, 3), "N C -> (2 N) C", {}, ("(_ N)", "C")),
    (of("N C", 2, 3), "N C -> N 2 C", {}, ("N", None, "C")),
    (of("N C", 2, 6), "N (a b) -> N (a K b)", {"a": 2, "K": 2}, ("N", "(a K b)")),
    (of("N C", 2, 3), "... -> ... K", {"K": 1}, ("N", "C", "K")),
]  # fmt: skip


@pytest.mark.parametrize(("x", "pattern", "sizes", "dims"), REPEATED, ids=label)
def test_a_repetition_is_that_of_einops_under_names(
    x: NamedTensor, pattern: str, sizes: dict[str, int], dims: tuple[str | None, ...]
) -> None:
    found = repeat(x, pattern, **sizes)
    assert found.dims == dims
    assert torch.equal(found.tensor, einops.repeat(x.tensor, pattern, **sizes))
    method: Any = x
    assert method.repeat(pattern, **sizes).dims == dims


def test_a_new_dim_is_a_view_of_the_same_elements() -> None:
    x = of("N C", 2, 3)
    assert repeat(x, "N C -> N K C", K=4).tensor.data_ptr() == x.tensor.data_ptr()


def test_gradients_flow_through_patterns() -> None:
    x = named(torch.randn(2, 6, requires_grad=True), "N D")
    total: Any = repeat(
        reduce(rearrange(x, "N (h d) -> h N d", h=2), "h N d -> h d", "sum"), "h d -> h d K", K=3
    )
    total.sum().backward()
    assert x.grad is not None
    assert x.grad.dims == ("N", "D")
    assert torch.equal(x.grad.tensor, torch.full((2, 6), 3.0))


# Any pattern


@st.composite
def programs(draw: st.DrawFn) -> tuple[torch.Tensor, str, dict[str, int]]:
    """A tensor with any strides, and a pattern that splits and merges its axes."""
    names = list("abcdef")[: draw(st.integers(1, 5))]
    lengths = {name: draw(st.integers(1, 3)) for name in names}

    def grouped(order: list[str]) -> list[list[str]]:
        found: list[list[str]] = []
        for name in order:
            if found and draw(st.booleans()):
                found[-1].append(name)
            else:
                found.append([name])
        return found

    left, right = grouped(names), grouped(draw(st.permutations(names)))
    sizes = [int(torch.tensor([lengths[one] for one in group]).prod()) for group in left]
    strides = draw(st.permutations(range(len(sizes))))
    stored = torch.randn([sizes[place] for place in strides])
    plain = stored.permute([strides.index(place) for place in range(len(sizes))])

    def text(groups: list[list[str]]) -> str:
        return " ".join(f"({' '.join(group)})" if len(group) > 1 else group[0] for group in groups)

    return plain, f"{text(left)} -> {text(right)}", lengths


@given(programs())
def test_any_rearrange_has_the_elements_of_einops_and_is_a_view_where_torch_makes_one(
    program: tuple[torch.Tensor, str, dict[str, int]],
) -> None:
    plain, pattern, sizes = program
    found = rearrange(plain, pattern, **sizes)
    expected = einops.rearrange(plain, pattern, **sizes)
    assert torch.equal(found.tensor, expected)
    assert (found.tensor.data_ptr() == plain.data_ptr()) == (expected.data_ptr() == plain.data_ptr())


# The row and its recipe


@pytest.mark.parametrize(
    ("operation", "x", "pattern", "reduction", "sizes"),
    [
        *(("rearrange", x, pattern, "", sizes) for x, pattern, sizes, _ in REARRANGED),
        *(("reduce", x, pattern, reduction, sizes) for x, pattern, reduction, sizes, _ in REDUCED),
        *(("repeat", x, pattern, "", sizes) for x, pattern, sizes, _ in REPEATED),
    ],
    ids=label,
)
def test_the_recipe_of_the_row_gives_the_same(
    operation: str, x: NamedTensor, pattern: str, reduction: str, sizes: dict[str, int]
) -> None:
    function: Any = getattr(namedtorch, operation)
    found = function(x, pattern, *([reduction] if reduction else []), **sizes)
    fields = Fields(tuple(sizes), tuple(Size.constant(size) for size in sizes.values()))
    call = Call({"input": as_value(x), "pattern": pattern, "reduction": reduction, "sizes": fields}, Plain())
    told = recipe(operation, call)
    tensor = x.tensor
    for step in told.steps:
        tensor = getattr(tensor, step.method)(*[number(one) for one in step.arguments])
    assert torch.equal(tensor, found.tensor)
    result = as_value(found)
    assert isinstance(result, Array)
    assert [(axis.size, axis.carried) for axis in told.shape.fixed] == [
        (axis.size, axis.carried) for axis in result.shape.fixed
    ]


def number(value: Any) -> Any:
    """An argument of a step as torch takes it."""
    if isinstance(value, tuple):
        return tuple(number(one) for one in value)
    return value.value if isinstance(value, Size) else value


# Graphs


def attend(q: NamedTensor, k: NamedTensor) -> NamedTensor:
    heads = rearrange(q, "N T (heads d) -> N heads T d", heads=2)
    others = repeat(reduce(k, "N S (d 2) -> N S d", "mean"), "N S d -> N heads S d", heads=2)
    scores = einsum("N heads T d, N heads S d -> N heads T S", heads, others)
    return contract(scores, others, over="S")


def test_a_graph_is_captured_whole_whatever_the_sizes() -> None:
    compiled = torch.compile(attend, fullgraph=True, backend="eager", dynamic=True)
    for size in (4, 6, 8):
        q, k = of("N T D", 2, size, 8), of("N S D", 2, size + 1, 8)
        expected, found = attend(q, k), compiled(q, k)
        assert found.dims == expected.dims == ("N", "heads", "T", "d")
        torch.testing.assert_close(found.tensor, expected.tensor)


def test_a_trace_of_fx_serves_other_sizes() -> None:
    graph = symbolic_trace(attend, q="N T D", k="N S D")
    assert graph.meta["dims"] == ("N", "heads", "T", "d")
    for size in (4, 6):
        q, k = of("N T D", 2, size, 8), of("N S D", 2, size + 1, 8)
        torch.testing.assert_close(graph(q.tensor, k.tensor), attend(q, k).tensor)


def test_a_trace_of_jit_serves_other_sizes() -> None:
    def traced(q: torch.Tensor, k: torch.Tensor) -> torch.Tensor:
        return attend(named(q, "N T D"), named(k, "N S D")).tensor

    graph: Any = torch.jit.trace(traced, (torch.randn(2, 4, 8), torch.randn(2, 5, 8)))
    for size in (4, 6):
        q, k = torch.randn(3, size, 8), torch.randn(3, size + 1, 8)
        torch.testing.assert_close(graph(q, k), traced(q, k))


def test_plans_are_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "MOST_PLANS", 4)
    for size in range(1, 9):
        rearrange(of("N C", size, 2), "N C -> C N")
    assert len(patterns._CALLS) <= 4
