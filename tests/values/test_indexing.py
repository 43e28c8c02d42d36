"""Indexing: by place and by name, read and written, held to torch."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from namedtorch import DimError, NamedTensor, named, symbolic_trace
from namedtorch.values import indexing
from tests.values.named_cases import message, of

X = named(torch.arange(30.0).reshape(2, 3, 5), "N C T")
PLACES = torch.tensor([0, 2, 1, 1])
TABLE = PLACES.reshape(2, 2)
ONE, K1 = PLACES[:1], named(PLACES[:1], "K")
KEPT = named(torch.tensor([0, 2]), "K")
MASK = torch.tensor([[True, False, True], [False, False, True]])
WHOLE = slice(None)

READ: list[tuple[str, Any, Any, tuple[str | None, ...]]] = [
    # By place, as torch
    ("x[0]", 0, 0, ("C", "T")),
    ("x[-1]", -1, -1, ("C", "T")),
    ("x[0, 1, 2]", (0, 1, 2), (0, 1, 2), ()),
    ("x[:, 1:]", (WHOLE, slice(1, None)), (WHOLE, slice(1, None)), ("N", "C", "T")),
    ("x[..., 0]", (..., 0), (..., 0), ("N", "C")),
    ("x[0, ..., 0]", (0, ..., 0), (0, ..., 0), ("C",)),
    ("x[()]", (), (), ("N", "C", "T")),
    ("x[...]", ..., ..., ("N", "C", "T")),
    ("x[None]", None, None, (None, "N", "C", "T")),
    ("x[:, None, 0]", (WHOLE, None, 0), (WHOLE, None, 0), ("N", None, "T")),
    ("x[True]", True, True, (None, "N", "C", "T")),
    ("x[::2]", slice(None, None, 2), slice(None, None, 2), ("N", "C", "T")),
    # Numbers and arrays of others
    ("a number of numpy", np.int64(1), 1, ("C", "T")),
    ("a scalar tensor", torch.tensor(1), 1, ("C", "T")),
    ("a named scalar", named(torch.tensor(1), ""), 1, ("C", "T")),
    ("an array", (WHOLE, np.array([0, 2])), (WHOLE, [0, 2]), ("N", "C", "T")),
    ("a range", range(2), [0, 1], ("N", "C", "T")),
    # By name
    ('x["C", 0]', ("C", 0), (WHOLE, 0), ("N", "T")),
    ('x["T", 1:4]', ("T", slice(1, 4)), (..., slice(1, 4)), ("N", "C", "T")),
    ('x["C", 0, "T", 1:4]', ("C", 0, "T", slice(1, 4)), (WHOLE, 0, slice(1, 4)), ("N", "T")),
    ('x["T", 1:4, "C", 0]', ("T", slice(1, 4), "C", 0), (WHOLE, 0, slice(1, 4)), ("N", "T")),
    ("a mapping", {"T": slice(1, 4), "C": 0}, (WHOLE, 0, slice(1, 4)), ("N", "T")),
    ("an empty mapping", {}, (), ("N", "C", "T")),
    ("a list by name", ("C", [2, 0]), (WHOLE, [2, 0]), ("N", "C", "T")),
    ("places by name", ("C", named(PLACES, "K")), (WHOLE, PLACES), ("N", "K", "T")),
    ("a mask by name", ("C", MASK[0]), (WHOLE, MASK[0]), ("N", "C", "T")),
    ("a named mask by name", ("C", named(MASK[0], "C")), (WHOLE, MASK[0]), ("N", "C", "T")),
    # Tensors of places
    ("a list", (WHOLE, [2, 0]), (WHOLE, [2, 0]), ("N", "C", "T")),
    ("an empty list", [], torch.tensor([], dtype=torch.int64), ("N", "C", "T")),
    ("lists in a list", (WHOLE, [[0, 1], [1, 0]]), (WHOLE, torch.tensor([[0, 1], [1, 0]])), ("N", None, None, "T")),
    ("a plain vector keeps the name", (WHOLE, PLACES), (WHOLE, PLACES), ("N", "C", "T")),
    ("a named vector brings its own", (WHOLE, named(PLACES, "K")), (WHOLE, PLACES), ("N", "K", "T")),
    ("a named matrix", (WHOLE, named(TABLE, "K L")), (WHOLE, TABLE), ("N", "K", "L", "T")),
    ("two that meet", (0, named(PLACES, "K"), named(PLACES, "K")), (0, PLACES, PLACES), ("K",)),
    ("two that broadcast", (0, named(TABLE, "K L"), named(PLACES[:2], "L")), (0, TABLE, PLACES[:2]), ("K", "L")),
    ("two with a gap stand in front", ("N", K1, "T", K1), (ONE, WHOLE, ONE), ("K", "C")),
    # Masks
    ("a mask of one dim", MASK[:, 2], MASK[:, 2], ("N", "C", "T")),
    ("a mask of two", MASK, MASK, (None, "T")),
    ("a named mask of two", named(MASK, "N C"), MASK, (None, "T")),
    ("a comparison", X > 7, X.tensor > 7, (None,)),
]  # fmt: skip


@pytest.mark.parametrize(("index", "plain", "dims"), [one[1:] for one in READ], ids=[one[0] for one in READ])
def test_a_part_is_that_of_torch_under_names(index: Any, plain: Any, dims: tuple[str | None, ...]) -> None:
    expected = X.tensor[plain]
    for _ in range(2):
        found = X[index]
        assert isinstance(found, NamedTensor)
        assert found.dims == dims
        assert torch.equal(found.tensor, expected)


def test_a_part_by_numbers_and_slices_is_a_view() -> None:
    x = of("N C T", 2, 3, 5)
    x["C", 1, "T", 2:][0, 0] = 7
    assert x.tensor[0, 1, 2] == 7


REFUSED: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: X["C"],
        'an index has `C` where something is to be taken; write `x["C", 0]`, `x["C", 0, "T", 1:4]` or `x[{"C": 0}]`',
    ),
    (
        lambda: X["C", 0, "T"],
        ("an index by names has a name, and what to take of it, in turn; "
        'write `x["C", 0]`, `x["C", 0, "T", 1:4]` or `x[{"C": 0}]`'),
    ),
    (
        lambda: X[0, 1, "T", 2],
        'an index by names has 0 in the place of a name; write `x["C", 0]`, `x["C", 0, "T", 1:4]` or `x[{"C": 0}]`',
    ),
    (
        lambda: X[{1: 0}],
        'an index by names has 1 in the place of a name; write `x["C", 0]`, `x["C", 0, "T", 1:4]` or `x[{"C": 0}]`',
    ),
    (lambda: X["C", 0, "C", 1], "the index names `C` twice; index what the first one takes"),
    (lambda: X["c", 0], "`x[...]`: the index names `c`, but its dims are `N`, `C`, `T`; did you mean `C`?"),
    (
        lambda: X["C", None],
        ("`x[...]`: what it takes of `C` is not one axis; "
        "give an integer, a slice, a list of integers, or a tensor of indices"),
    ),
    (
        lambda: X["C", MASK],
        ("`x[...]`: what it takes of `C` is not one axis; "
        "give an integer, a slice, a list of integers, or a tensor of indices"),
    ),
    (lambda: of("T T", 3, 3)["T", 0], ("`x[...]`: the index names `T`, and 2 of its axes are `T`: 0, 1; "
        "`rename` them, or give the number of the axis")),
    (lambda: X[0, 0, 0, 0], "`x[...]`: the index takes 4 axes, and `input` has 3"),
    (lambda: X["T", ::-1], "`x[...]`: a slice steps by -1, which torch does not take"),
    (lambda: X[torch.zeros(2)], "`x[...]`: its dtype is float32, and an index is integer or boolean"),
    (
        lambda: X[named(MASK, "C N")],
        ("`x[...]`: axis 0 of the mask is C=2, and it masks axis 0, which is N=2"),
    ),
    (
        lambda: X[0, named(PLACES, "K"), named(PLACES, "L")],
        ("`x[...]`: it does not broadcast with `index[0]`: "
        "axis 0 of `index[1]` is `L`=4, axis 0 of `index[0]` is `K`=4; "
        "`align_as` puts the dims of one where the other has them"),
    ),
    (lambda: X["C", 3], "`x[...]`: place 3 is taken of axis 1, which is C=3"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "expected"), REFUSED, ids=[expected for _, expected in REFUSED])
def test_an_index_that_does_not_fit_is_explained(call: Callable[[], Any], expected: str) -> None:
    assert message(call) == expected


def test_a_place_that_is_not_there_is_an_index_error_as_well() -> None:
    x = of("N C", 2, 3)
    for index in (2, -3, ("C", 3), (0, 3)):
        x[0]
        with pytest.raises(IndexError) as caught:
            x[index]
        assert isinstance(caught.value, DimError)


def test_what_is_no_index_torch_refuses() -> None:
    with pytest.raises(IndexError, match="only integers"):
        X[1.5]


def test_a_tensor_is_looped_over_along_its_first_axis() -> None:
    rows = list(X)
    assert [row.dims for row in rows] == [("C", "T")] * 2
    assert torch.equal(rows[1].tensor, X.tensor[1])
    first, _second = X
    assert torch.equal(first.tensor, X.tensor[0])
    assert [row.dims for row in reversed(X)] == [("C", "T")] * 2
    with pytest.raises(TypeError, match="without axes holds no parts"):
        list(named(torch.tensor(1), ""))


def test_numbers_and_bounds_do_not_tell_indices_apart() -> None:
    x = of("samples C time", 4, 3, 50)
    x[:, 0], x["time", 0], x["time", :7], x["time", 1:][..., 0]
    before = len(indexing._PARTS)
    for time in range(40):
        assert x[:, time % 3].dims == ("samples", "time")
        assert x["time", time].dims == ("samples", "C")
        assert x["time", time : time + 5].dims == ("samples", "C", "time")
    assert len(indexing._PARTS) == before


def test_kinds_of_tensors_tell_indices_apart() -> None:
    x = of("N C", 2, 2)
    ones = torch.ones(2, 2)
    assert x[ones.bool()].dims == (None,)
    assert x[ones.long()].dims == (None, None, "C")
    assert x[named(ones.bool(), "N C")].dims == (None,)
    assert x[named(ones.long(), "A B")].dims == ("A", "B", "C")


# Written

WRITTEN: list[tuple[str, Any, Any, Any]] = [
    ("a number", ("C", 0), (WHOLE, 0), 1.0),
    ("a mapping", {"C": 0, "T": slice(1, 3)}, (WHOLE, 0, slice(1, 3)), 1.0),
    ("all", ..., ..., 1.0),
    ("a named part", (WHOLE, 1), (WHOLE, 1), named(torch.randn(2, 5), "N T")),
    ("a plain part", ("C", 1), (WHOLE, 1), torch.randn(2, 5)),
    ("broadcast", ("C", 1), (WHOLE, 1), named(torch.randn(5), "T")),
    ("of size 1", ("C", 1), (WHOLE, 1), named(torch.randn(1, 5), "N T")),
    ("a mask", MASK, MASK, 7.0),
    ("a named mask", named(MASK, "N C"), MASK, named(torch.randn(3, 5), "_ T")),
    ("places", ("C", KEPT), (WHOLE, KEPT.tensor), named(torch.randn(2, 2, 5), "N K T")),
    ("None", (None, 0), (None, 0), 2.0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("index", "plain", "value"), [one[1:] for one in WRITTEN], ids=[one[0] for one in WRITTEN]
)
def test_a_part_is_written_as_by_torch(index: Any, plain: Any, value: Any) -> None:
    expected = X.tensor.clone()
    expected[plain] = value.tensor if isinstance(value, NamedTensor) else value
    for _ in range(2):
        x = named(X.tensor.clone(), "N C T")
        x[index] = value
        assert x.dims == ("N", "C", "T")
        assert torch.equal(x.tensor, expected)


def write(index: Any, value: Any) -> Callable[[], None]:
    def call() -> None:
        named(X.tensor.clone(), "N C T")[index] = value

    return call


NOT_WRITTEN: list[tuple[Callable[[], None], str]] = [
    (
        write(("C", 0), named(torch.ones(2), "N")),
        (
            "`x[...] = y`: axis 0 is `N`, and lies along `T` of `input`: axis 0 of `value` is `N`=2, `input` is `T`=5; "
            "`rename` one of them where they are one dim"
        ),
    ),
    (
        write(("C", 0), named(torch.ones(4), "T")),
        "`x[...] = y`: it is written into `N=2 T=5`: axis 0 of `value` is `T`=4, `input` is `T`=5",
    ),
    (
        write(("C", 0), named(torch.ones(1), "N")),
        (
            "`x[...] = y`: axis 0 is `N`, and lies along `T` of `input`: axis 0 of `value` is `N`=1, `input` is `T`=5; "
            "`rename` one of them where they are one dim"
        ),
    ),
    (write(("X", 0), 1.0), "`x[...] = y`: the index names `X`, but its dims are `N`, `C`, `T`"),
    (write(("C", 3), 1.0), "`x[...] = y`: place 3 is taken of axis 1, which is C=3"),
]


@pytest.mark.parametrize(("call", "expected"), NOT_WRITTEN, ids=[expected for _, expected in NOT_WRITTEN])
def test_what_does_not_fit_is_not_written(call: Callable[[], None], expected: str) -> None:
    assert message(call) == expected


def test_names_are_compared_behind_a_call_that_fits() -> None:
    x = of("N C T", 2, 5, 5)
    x["C", 0] = of("T", 5)
    with pytest.raises(DimError, match="lies along"):
        x["C", 0] = of("N", 5)


def test_a_part_changes_in_place() -> None:
    x = named(torch.zeros(2, 3), "N C")
    x["C", 1] += 2
    x["C", 1, "N", 0] *= 3
    assert x.tensor.tolist() == [[0, 6, 0], [0, 2, 0]]
    assert x.dims == ("N", "C")


def test_gradients_flow_through_parts() -> None:
    x = named(torch.ones(2, 3, requires_grad=True), "N C")
    (x["C", 0] * 2).sum().backward()
    assert x.grad is not None
    assert x.grad.tensor.tolist() == [[2, 0, 0], [2, 0, 0]]


def test_a_plain_tensor_takes_named_places() -> None:
    found: Any = torch.arange(5.0)[named(PLACES, "K"),]
    assert found.dims == ("K",)
    assert torch.equal(found.tensor, torch.arange(5.0)[PLACES])


# Graphs


def parts(x: NamedTensor, place: int) -> tuple[NamedTensor, ...]:
    y = x * 1
    y["C", 0] = 1.0
    y[{"T": slice(1, 3)}] = y["T", 0:2]
    return (
        y["T", place],
        y[:, :, place],
        y[{"C": 0}],
        y[..., None],
        y[0, 1:],
        y["T", place:],
        y["C", named(PLACES, "K")],
    )


def test_a_graph_is_captured_whole_whatever_the_place() -> None:
    compiled = torch.compile(parts, fullgraph=True, backend="eager", dynamic=True)
    for place in (3, 2, 4):
        for found, expected in zip(compiled(X, place), parts(X, place), strict=True):
            assert found.dims == expected.dims
            assert torch.equal(found.tensor, expected.tensor)


@pytest.mark.parametrize(
    "places", [[0, 1], [], (0, 1), range(2), np.array([1, 0]), [[0, 1], [1, 0]]], ids=str
)
def test_a_graph_takes_lists_of_places_of_every_kind(places: Any) -> None:
    torch.compiler.reset()
    entry = (WHOLE, places)

    def part(x: NamedTensor) -> tuple[NamedTensor, NamedTensor]:
        return x[places,], x[entry]

    compiled = torch.compile(part, fullgraph=True, backend="eager")
    for found, expected in zip(compiled(X), part(X), strict=True):
        assert found.dims == expected.dims
        assert len(found.dims) == found.tensor.dim()
        assert found.tensor.equal(expected.tensor)


def test_a_trace_of_fx_takes_parts_by_place() -> None:
    graph = symbolic_trace(lambda x: (x["C", 0], x[:, 1:], x[{"T": 0, "N": 1}]), x="N C T")
    assert graph.meta["dims"] == (("N", "T"), ("N", "C", "T"), ("C",))
    assert torch.equal(graph(X.tensor)[2], X.tensor[1, :, 0])
    graph = symbolic_trace(lambda x, places: x["T", places], x="N C T", places="K")
    assert graph.meta["dims"] == ("N", "C", "K")
    assert torch.equal(graph(X.tensor, PLACES), X.tensor[..., PLACES])
    with pytest.raises(DimError, match="its row does not tell the dims"):
        symbolic_trace(lambda x, place: x[:, place], x="N C T")
