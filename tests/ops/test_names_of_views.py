"""Names behind views and splits, held to where the elements lie, and where sizes are not known or too many."""

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis, merged, names_in
from namedtorch.ops.judge import Misfit, Plain
from namedtorch.ops.table import operator_for
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array, Several
from tests.ops.names.harness import shown

VIEW = "torch.Tensor.view"


def array(*axes: Axis) -> Array:
    return Array(TensorShape(axes))


def axis(name: str, size: int | None) -> Axis:
    """An axis under a name, whose size None leaves open."""
    return Axis(Unknown if size is None else Size.constant(size), carried=name)


def call(spelling: str, *arguments: Any) -> Any:
    rule = operator_for(spelling)
    assert rule is not Unknown
    return rule([Size.constant(one) if isinstance(one, int) else one for one in arguments], {}, Plain())


def views(elements: int, rank: int) -> Iterator[tuple[int, ...]]:
    """All sizes of so many axes that hold so many elements."""
    if not rank:
        yield from [()] * (elements == 1)
        return
    for size in range(1, elements + 1):
        if elements % size == 0:
            yield from ((size, *rest) for rest in views(elements // size, rank - 1))


def wrong_names(sizes: tuple[int, ...], view: tuple[int, ...], result: Array) -> list[str]:
    """The names of a view that are not where their elements are, and those of sizes above 1 that stay unnamed."""
    dims = "ABCD"[: len(sizes)]
    places = {name: one.reshape(-1) for name, one in zip(dims, np.indices(sizes), strict=True)}
    columns = [one.reshape(-1) for one in np.indices(view)]
    wrong: list[str] = []
    held: list[str | Any] = []
    for found, column in zip(result.shape.fixed, columns, strict=True):
        if found.carried is Unknown:
            continue
        names = names_in(found.carried) or (found.carried,)
        held += names
        place = np.zeros_like(column)
        for name in names:
            assert name is not Unknown
            place = place * sizes[dims.index(name)] + places[name]
        if not np.array_equal(place, column):
            wrong.append(f"{found} is no {found.carried}")
    if held != sorted(set(held)):
        wrong.append(f"{held} stand in another order, or twice")
    for name, size in zip(dims, sizes, strict=True):
        if size > 1 and name not in held and any(np.array_equal(places[name], one) for one in columns):
            wrong.append(f"{name} has no name")
    return wrong


@pytest.mark.parametrize("rank", [1, 2, 3, 4])
def test_names_stand_where_their_elements_are(rank: int) -> None:
    wrong: list[str] = []
    for sizes in itertools.product((1, 2, 3) if rank < 4 else (1, 2), repeat=rank):
        given = array(*map(axis, "ABCD", sizes))
        for many in (1, 2, 3, 4):
            for view in views(math.prod(sizes), many):
                for inferred in (None, *range(many)):
                    asked = [-1 if place == inferred else size for place, size in enumerate(view)]
                    try:
                        result = call(VIEW, given, *asked)
                    except Misfit as misfit:
                        wrong += [misfit.detail] * (misfit.code != "view-moves-dims")
                        continue
                    assert [one.value for one in result.shape.fixed] == list(view)
                    wrong += [f"{sizes} as {asked}: {one}" for one in wrong_names(sizes, view, result)]
    assert wrong == []


def test_a_wrong_name_is_found() -> None:
    swapped = array(axis("B", 2), axis("A", 2))
    assert wrong_names((2, 2), (2, 2), swapped) == [
        "B=2 is no B",
        "A=2 is no A",
        "['B', 'A'] stand in another order, or twice",
    ]
    assert wrong_names((2, 3), (6,), array(Axis.of(6))) == []
    assert wrong_names((2, 3), (2, 3), array(axis("A", 2), Axis.of(3))) == ["B has no name"]


def test_what_mixes_dims_is_told_with_both_sides() -> None:
    with pytest.raises(Misfit) as refused:
        call(VIEW, array(axis("N", 7), axis("A", 2), axis("B", 3)), 7, 3, 2)
    assert refused.value.detail == (
        "a view keeps the order of elements: it splits an axis or merges neighbours, and `A=2 B=3` does not become "
        "`3, 2` in that way"
    )
    assert (refused.value.argument, refused.value.axis) == ("input", 1)
    assert "use `permute` or `rearrange`" in refused.value.help


# The sizes of N, T and C, the view, and its dims; None is a size that is not known.
OPEN: list[tuple[tuple[int | None, ...], tuple[int | None, ...], str]] = [
    ((None, 3, 4), (-1, 12), "N (T C)"),
    ((None, 3, 4), (None, 12), "N (T C)"),
    ((None, 3, 4), (None, 3, 2, 2), "N T _ _"),
    ((None, None, 4), (-1, 4), "(N T) C"),
    ((None, 3, 4), (None, -1), "?"),
    ((None, None, 4), (None, None, 4), "?"),
    ((None, 3, 4), (-1, 6), "?"),
    ((2, 3, 4), (None, 12), "N (T C)"),
    ((0, 3, 4), (-1, 12), "N (T C)"),
    ((0, 3, 4), (0, 4, 3), "?"),
]


@pytest.mark.parametrize(("sizes", "view", "dims"), OPEN)
def test_view_of_sizes_that_are_not_known(
    sizes: tuple[int | None, ...], view: tuple[int | None, ...], dims: str
) -> None:
    asked = [Unknown if one is None else one for one in view]
    assert shown(call(VIEW, array(*map(axis, "NTC", sizes)), *asked)) == dims


def test_what_is_merged_of_known_sizes_is_split_into_just_these() -> None:
    flat = merged([axis("C", 3), axis("H", 4)])
    assert shown(call("torch.unflatten", array(flat), 0, (Size.constant(3), Size.constant(4)))) == "C H"
    assert shown(call("torch.unflatten", array(flat), 0, (Size.constant(4), Size.constant(3)))) == "_ _"
    assert shown(call(VIEW, array(axis("N", 2), flat), 6, 4)) == "(N C) H"
    # A name of its own is no longer that of its parts.
    assert shown(call(VIEW, array(flat.called("F")), 3, 4)) == "_ _"


@pytest.mark.parametrize(
    ("spelling", "arguments", "dims"),
    [
        ("torch.unbind", ("T",), "N"),
        ("torch.split", (1, "T"), "N T"),
        ("torch.chunk", (300, "T"), "N T"),
        ("torch.tensor_split", (300, "T"), "N T"),
    ],
)
@pytest.mark.parametrize("size", [1200, None])
def test_names_of_many_pieces(spelling: str, arguments: tuple[Any, ...], dims: str, size: int | None) -> None:
    pieces = call(spelling, array(axis("N", 2), axis("T", size)), *arguments)
    assert isinstance(pieces, Several)
    assert shown(pieces.item) == dims
