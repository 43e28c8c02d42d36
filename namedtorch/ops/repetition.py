"""Elements are repeated, or put into another order along their axes."""

from collections.abc import Sequence
from dataclasses import replace
from math import comb
from typing import Final

from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import ANY, Axis, merged, product
from namedtorch.ops.call import Call, as_array
from namedtorch.ops.flattening import flat_axis
from namedtorch.ops.judge import Misfit, either_name, name_conflict
from namedtorch.ops.op_rule import SAME, OpRule
from namedtorch.ops.size_lists import size_list
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Array

_MANY: Final = 64
"""A choice of more elements is not counted."""


def repeated(call: Call) -> TensorShape:
    """Repeats a tensor along each axis; more numbers than axes put new axes in front."""
    counts, shape = size_list(call, "repeats"), call.shape("input")
    known = sum(isinstance(axis, Axis) for axis in shape.axes)
    if len(counts) < known:
        raise Misfit("rank-unfit", f"it has {known} axes, and {len(counts)} numbers are given", "input")
    return _repeated(shape, counts)


def _repeated(shape: TensorShape, counts: Sequence[Size | UnknownType]) -> TensorShape:
    tail = shape.axes if shape.rest is Unknown else shape.axes[shape.rest + 1 :]
    missing = len(counts) - len(tail)
    front = [Axis(count) if shape.rest is Unknown else ANY for count in counts[:missing]]
    behind = [
        _times(axis, count, outer=True)
        for axis, count in zip(tail, counts[missing:], strict=True)
        if isinstance(axis, Axis)
    ]
    return TensorShape((*front, *behind))


def _times(axis: Axis, count: Size | UnknownType, *, outer: bool) -> Axis:
    """An axis whose elements are repeated: all of them in turn, or each by itself."""
    if count is Unknown or axis.size is Unknown:
        return axis.resized(Unknown)
    if count.value == 1:
        return axis
    if axis.is_one:
        return axis.resized(count)
    both = merged([Axis(count), axis] if outer else [axis, Axis(count)])
    return replace(both, name=Unknown, carried=axis.carried)


def tiled(call: Call) -> TensorShape:
    """Repeats a tensor along its last axes."""
    counts, shape = size_list(call, "dims"), call.shape("input")
    if shape.rest is not Unknown:
        raise Undetermined
    ones = [Size.constant(1)] * (len(shape.axes) - len(counts))
    return _repeated(shape, [*ones, *counts])


def interleaved(call: Call) -> TensorShape:
    """Repeats each element along an axis, or in the flattened tensor."""
    repeats = call.value("repeats")
    if repeats is None:
        return TensorShape((Axis(call.size("output_size")),))
    shape = call.shape("input")
    if call.value("dim") is None:
        place, flat = 0, ANY if shape.rest is not Unknown else flat_axis(shape.fixed)
        shape = TensorShape((flat,))
    else:
        place = call.place("dim")
    axis = shape.axis(place)
    if not isinstance(repeats, Array):
        return shape.replaced(place, _times(axis, call.size("repeats"), outer=False))
    if repeats.shape.rank is not Unknown and repeats.shape.rank > 1:
        raise Misfit("index-rank-differs", "it takes a vector of numbers", "repeats")
    if repeats.shape.rank == 1:
        axis = axis.called(_counted(call, repeats.shape.fixed[0], axis, place))
    output = call.value("output_size")
    return shape.replaced(place, axis.resized(output if isinstance(output, Size) else Unknown))


def _counted(call: Call, counts: Axis, axis: Axis, place: int) -> str | UnknownType:
    """The name of an axis that has a number of repeats for each of its places, or one for all. Raises `Misfit`."""
    if not counts.is_one or name_conflict(counts, axis):
        call.same(
            counts, axis, "index-differs", f"it has {counts} numbers for the {axis} places of axis {place}",
            "repeats", 0, other="input", other_axis=place,
        )  # fmt: skip
    return either_name(axis, counts)


def rolled(call: Call) -> TensorShape:
    """Shifts elements around; sizes stay."""
    shifts, dims = call.value("shifts"), call.value("dims")
    if dims is not None and dims not in ((), []):
        listed = dims if isinstance(dims, tuple | list) else (dims,)
        # An axis that stands there twice is shifted twice.
        found = tuple(
            Call({"input": call.value("input"), "dims": dim}, call.judge).place("dims") for dim in listed
        )
        call.places_of["dims"] = found if isinstance(dims, tuple | list) else found[0]
        count = len(shifts) if isinstance(shifts, tuple | list) else 1
        if shifts is not Unknown and count != len(listed):
            raise Misfit("permutation-wrong", f"{count} shifts are given for {len(listed)} axes", "input")
    return call.shape("input")


def flipped(call: Call) -> TensorShape:
    """Reverses axes; sizes stay."""
    if call.value("dims") not in ((), [], ((),), ([],)):
        call.places("dims")
    return call.shape("input")


def flipped_side(call: Call, rank: int) -> TensorShape:
    """Reverses one axis of a tensor that has so many at least."""
    shape = call.shape("input")
    if shape.rank is not Unknown and shape.rank < rank:
        raise Misfit("rank-unfit", f"it takes {rank} axes or more, and `input` has {shape.rank}", "input")
    return shape


def rotated(call: Call) -> TensorShape:
    """Turns a plane by so many quarters: an odd number swaps its axes."""
    shape, places = call.shape("input"), call.places("dims")
    if len(places) != 2:
        raise Misfit("permutation-wrong", f"a plane has 2 axes, and {len(places)} are given", "input")
    return shape.swapped(*places) if call.integer("k") % 2 else shape


def kronecker(call: Call) -> TensorShape:
    """Multiplies sizes; the shorter shape gets axes of size 1 in front."""
    left, right = call.axes("input"), call.axes("other")
    rank = max(len(left), len(right))
    pairs = zip(_led(left, rank), _led(right, rank), strict=True)
    return TensorShape(tuple(_multiplied(one, other) for one, other in pairs))


def _multiplied(one: Axis, other: Axis) -> Axis:
    """The axis of all pairs of places; pairs with an axis without a name are repeats of the other."""
    if one.carried is not Unknown and other.carried is not Unknown:
        return flat_axis([one, other])
    return Axis(product([one, other]), carried=either_name(one, other))


def _led(axes: Sequence[Axis], rank: int) -> list[Axis]:
    return [Axis.of(1)] * (rank - len(axes)) + list(axes)


def crossed(call: Call) -> TensorShape:
    """Gives every choice of one element of each vector, a row for each."""
    vectors = [as_array(one).shape for one in call.items("tensors")]
    for place, shape in enumerate(vectors):
        if shape.rank is not Unknown and shape.rank != 1:
            raise Misfit(
                "rank-unfit", f"it takes vectors, and this has {shape.rank} axes", f"tensors[{place}]"
            )
    if len(vectors) == 1:
        return vectors[0]
    axes = [shape.fixed[0] for shape in vectors]
    return TensorShape((flat_axis(axes), Axis.of(len(axes))))


def combined(call: Call) -> TensorShape:
    """Gives every choice of so many elements of a vector, a row for each."""
    call.rank_in("input", 1)
    size, count = call.axes("input")[0].value, call.integer("r")
    if size is Unknown or not 0 <= count <= _MANY:
        return TensorShape((ANY, Axis.of(count)))
    if call.flag("with_replacement"):
        size = size + count - 1 if count else 0
    try:
        return TensorShape.of([comb(size, count), count])
    except (SizeLimitError, ValueError):
        return TensorShape((ANY, Axis.of(count)))


OPERATORS: Final = (
    OpRule("torch.Tensor.repeat", "input, *repeats", repeated, dtype=SAME),
    OpRule("torch.tile", "input, dims", tiled, dtype=SAME),
    OpRule("torch.Tensor.tile", "input, *dims", tiled, dtype=SAME),
    OpRule(
        "torch.repeat_interleave", "input, repeats=None, dim=None, *, output_size=None", interleaved,
        spelled=("torch.Tensor.repeat_interleave",), dims=("dim",), dtype=SAME,
    ),
    OpRule(
        "torch.roll", "input, shifts, dims=None", rolled, spelled=("torch.Tensor.roll",), dims=("dims",),
        dtype=SAME,
    ),
    OpRule("torch.flip", "input, dims", flipped, dims=("dims",), dtype=SAME),
    OpRule("torch.Tensor.flip", "input, *dims", flipped, dims=("dims",), dtype=SAME),
    OpRule(
        "torch.fliplr", "input", lambda call: flipped_side(call, 2), spelled=("torch.Tensor.fliplr",), dtype=SAME,
    ),
    OpRule(
        "torch.flipud", "input", lambda call: flipped_side(call, 1), spelled=("torch.Tensor.flipud",), dtype=SAME,
    ),
    OpRule(
        "torch.rot90", "input, k=1, dims=(0, 1)", rotated, spelled=("torch.Tensor.rot90",), dims=("dims",),
        dtype=SAME, by_size=True,
    ),
    OpRule("torch.kron", "input, other", kronecker, spelled=("torch.Tensor.kron",)),
    OpRule("torch.cartesian_prod", "*tensors", crossed),
    OpRule("torch.combinations", "input, r=2, with_replacement=False", combined, dtype=SAME),
)  # fmt: skip
