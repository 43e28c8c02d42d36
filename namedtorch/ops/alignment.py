"""Which axis of an annotation a dim of a row is, where it is one and the same for every tensor that fits both."""

from collections.abc import Iterable, Iterator

from namedtorch.dims.pattern import Dim, Group
from namedtorch.dims.shape import Shape
from namedtorch.dims.unknown import Unknown, UnknownType


def aligned_axis(rows: Iterable[Shape], name: str, shape: Shape) -> int | UnknownType:
    """The place among the axes of `shape` where every tensor that fits it and one of the rows has the dim `name`.

    Places count as written, a group being one. `n in h w` and `in h w` have `in` at the `C` of `N C H W` and of
    `*batch C H W`. Unknown where it is in a group, nowhere, or at one place for a rank and at another for the next:
    `N C *spatial`.
    """
    if len(shape.groups) > 1:
        return Unknown
    found: set[int | UnknownType] = set()
    for row in rows:
        if len(row.groups) > 1:
            return Unknown
        for rank in _ranks(row, shape):
            here = {
                _place(shape, rank, axis)
                for axis in range(rank)
                if _is_named(row, _place(row, rank, axis), name)
            }
            found |= here or {Unknown}
    place = found.pop() if len(found) == 1 else Unknown
    return Unknown if place is Unknown or isinstance(shape.axes[place], Group) else place


def _ranks(row: Shape, shape: Shape) -> Iterator[int]:
    """The ranks that both shapes allow; of two with a group as many as show where the axes differ."""
    least = [len(one.axes) - len(one.groups) for one in (row, shape)]
    for rank in range(max(least), sum(least) + 2):
        if all(one.groups or rank == fixed for one, fixed in zip((row, shape), least, strict=True)):
            yield rank


def _place(shape: Shape, rank: int, axis: int) -> int:
    """The place in the shape of an axis of a tensor of this rank, with at most one group in the shape."""
    if not shape.groups:
        return axis
    group, behind = shape.groups[0], len(shape.axes) - shape.groups[0] - 1
    if axis < group:
        return axis
    return group if axis < rank - behind else axis - rank + len(shape.axes)


def _is_named(row: Shape, place: int, name: str) -> bool:
    axis = row.axes[place]
    return isinstance(axis, Dim) and axis.name == name
