"""What stands between the brackets of `x[...]`, entry by entry, against the axes that it takes.

An index by names, `x[{"C": 0}]`, arrives as `Fields` and becomes one by position.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import EllipsisType
from typing import Final, TypeAlias

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import ANY, Axis, Rest
from namedtorch.ops.call import Call, place_of
from namedtorch.ops.judge import Misfit
from namedtorch.ops.tensor_shape import SCALAR, TensorShape, Undetermined
from namedtorch.ops.values import Array, Fields, Value

CODE: Final = "index-differs"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A place that is taken: an integer."""

    index: Size | UnknownType


@dataclass(frozen=True, slots=True)
class Picked:
    """Places that an integer tensor picks; it takes one axis. The axes of its shape carry the names of the tensor."""

    shape: TensorShape


@dataclass(frozen=True, slots=True)
class Masked:
    """Places that a boolean tensor picks; it takes as many axes as it has. `count` are those that it picks."""

    shape: TensorShape
    count: Axis = ANY


class New:
    """`None`: an axis of size 1."""


class Dots:
    """`...`: all axes that no other entry takes."""


Entry: TypeAlias = Chosen | Picked | Masked | New | Dots | slice


def positional(call: Call, name: str) -> Value:
    """The index that an argument is, by position also where it names dims; all others are taken whole.

    The call tells afterwards where the dims are, in their order. Raises `Misfit` for a dim that `input` does not have,
    and for an index that does not take the one axis of its dim.
    """
    index = call.value(name)
    if not isinstance(index, Fields):
        return index
    shape = call.shape("input")
    listed: list[Value] = [... if isinstance(axis, Rest) else slice(None) for axis in shape.axes]
    places: list[int] = []
    for dim, one in zip(index.names, index.items, strict=True):
        place = place_named(shape, dim)
        if isinstance(one, tuple):
            # There are no indices for several axes in it, so it is a list of places.
            one = list(one)
        if isinstance(one, Fields) or taken(_entry(one, name)) != 1:
            raise Misfit(
                CODE, f"what it takes of `{dim}` is not one axis", name,
                help="give an integer, a slice, a list of integers, or a tensor of indices",
            )  # fmt: skip
        listed[place] = one
        places.append(place)
    call.places_of[name] = tuple(places)
    return tuple(listed)


def place_named(shape: TensorShape, dim: str) -> int:
    """The place of a dim that an index names. Raises `Misfit`, and `Undetermined` where it may lie in a `Rest`."""
    return place_of(shape, dim, "input", f"the index names `{dim}`")


def entries(index: Value, name: str) -> list[Entry]:
    """The entries of an index, which is an argument. Raises `Undetermined` for one that nothing is known of."""
    found = [_entry(one, name) for one in _listed(index)]
    if sum(isinstance(one, Dots) for one in found) > 1:
        raise Undetermined
    return found


def _listed(index: Value) -> Sequence[Value]:
    # A list that holds more than numbers counts as a tuple, as in old numpy.
    if isinstance(index, list) and any(
        one is None or isinstance(one, list | tuple | Array | slice | EllipsisType) for one in index
    ):
        return index
    return index if isinstance(index, tuple) else (index,)


def _entry(value: Value, name: str) -> Entry:
    match value:
        case None:
            return New()
        case EllipsisType():
            return Dots()
        case bool():
            return Masked(SCALAR, Axis.of(int(value)))
        case Size():
            return Chosen(value)
        case slice():
            return value
        case Array():
            return _tensor(value, name)
        case list():
            return _list(value)
        case _:
            raise Undetermined


def _tensor(value: Array, name: str) -> Entry:
    dtype, shape = value.dtype, value.shape
    if dtype is not Unknown:
        if dtype in ("bool", "uint8"):
            return Masked(shape)
        if dtype.startswith(("float", "bfloat", "complex", "double", "half")):
            raise Misfit("dtype-differs", f"its dtype is {dtype}, and an index is integer or boolean", name)
        return Chosen(Unknown) if not shape.axes else Picked(shape)
    if not shape.axes:
        return Chosen(Unknown)
    # A mask, or places: either leaves one axis of a vector, under its name.
    if shape.rank == 1:
        return Masked(TensorShape((ANY,)), ANY.called(shape.at(0).carried))
    raise Undetermined


def _list(value: Sequence[Value]) -> Entry:
    if value and all(isinstance(one, bool) for one in value):
        return Masked(TensorShape((Axis.of(len(value)),)), Axis.of(sum(one is True for one in value)))
    sizes: list[int] = []
    level: Value = list(value)
    while isinstance(level, list):
        sizes.append(len(level))
        if not level:
            break
        level = level[0]
    if not isinstance(level, Size | list):
        raise Undetermined
    return Picked(TensorShape.of(sizes))


def taken(entry: Entry) -> int:
    """How many axes an entry takes. Raises `Undetermined` for a mask of unknown rank."""
    match entry:
        case New() | Dots():
            return 0
        case Masked(shape=shape):
            if shape.rank is Unknown:
                raise Undetermined
            return shape.rank
        case _:
            return 1


def check_chosen(entry: Chosen, axis: Axis | Rest, place: int) -> None:
    """Refuses a number that is no place of the axis."""
    if entry.index is Unknown or isinstance(axis, Rest):
        return
    index, size = entry.index.value, axis.value
    if size == 0:
        # A tensor without elements stands in for another until that is there.
        return
    if index is not Unknown and size is not Unknown and not -size <= index < size:
        raise Misfit(
            "index-out-of-range", f"place {index} is taken of axis {place}, which is {axis}", "input", place
        )


def check_masked(call: Call, entry: Masked, axes: Sequence[Axis | Rest], first: int, name: str) -> list[Axis]:
    """The axes that a mask takes, the first of which is at a place of `input`. Raises `Misfit` for other ones."""
    met: list[Axis] = []
    for place, (mine, axis) in enumerate(zip(entry.shape.fixed, axes, strict=True)):
        if isinstance(axis, Axis):
            both = call.same(
                mine, axis, CODE, f"axis {place} of the mask is {mine}, and it masks axis {first + place}, "
                f"which is {axis}", name, place, other="input", other_axis=first + place,
            )  # fmt: skip
            met.append(both)
    return met
