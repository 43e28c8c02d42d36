"""What normalizations look at: one number for each channel, groups of channels, and a shape at the end."""

from collections.abc import Collection

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import ANY, Axis, Rest
from namedtorch.ops.call import Call
from namedtorch.ops.channels import CODE, check_channels, ranked
from namedtorch.ops.dtypes import category
from namedtorch.ops.judge import Misfit, either_name, name_conflict
from namedtorch.ops.tensor_shape import ANY_SHAPE, TensorShape, Undetermined
from namedtorch.ops.values import Array

NORM = "norm-sizes-differ"
UNCHECKED = "channels-unchecked"
_SHAPE = "normalized_shape"


def kept(call: Call, shape: TensorShape) -> Array:
    """The result of a normalization: the shape of what goes in."""
    return Array(shape, category(call.array("input").dtype))


def channels_of(shape: TensorShape, place: int = 1) -> Axis:
    """The axis of channels, as far as it is known."""
    try:
        return shape.at(place)
    except Undetermined:
        return ANY


def by_channels(call: Call, vectors: Collection[str], least: int) -> Array:
    """Keeps an input of so many axes or more, whose axis 1 has one element for each of these arguments.

    Raises `Misfit`.
    """
    shape = at_least(call, least)
    channels = channels_of(shape)
    for name in vectors:
        if not isinstance(call.value(name), Array):
            continue
        vector = call.shape(name)
        if vector.rank is Unknown or vector.rank == 1:
            found = vector.axes[0]
            expected = found if isinstance(found, Axis) else ANY
            channels = check_channels(
                call, channels, expected, "input", 1, name, 0, takes="the normalization takes"
            )  # fmt: skip
        else:
            raise Misfit(
                "rank-unfit",
                f"it takes one number for each channel, and `{name}` has {vector.rank} axes",
                name,
            )
    return kept(call, _named(shape, 1, channels))


def _named(shape: TensorShape, place: int, axis: Axis) -> TensorShape:
    """The shape whose axis at a place is under the name of another, which has met it."""
    rest = shape.rest
    if axis.carried is Unknown or (rest is not Unknown and rest <= place):
        return shape
    return shape.replaced(place, shape.axis(place).called(axis.carried))


def at_least(call: Call, least: int) -> TensorShape:
    """The shape of an input of so many axes or more. Raises `Misfit`."""
    shape = call.shape("input")
    if shape.rank is not Unknown and shape.rank < least:
        raise Misfit("rank-unfit", f"it takes {least} axes or more, and `input` has {shape.rank}", "input")
    return shape


def check_one_each(call: Call, first: int) -> None:
    """Refuses an input that surely has one element for each channel, of which there is no deviation."""
    shape = call.shape("input")
    if shape.rank is Unknown:
        return
    if all(axis.is_one for axis in shape.fixed[first:]):
        raise Misfit("size-impossible", "it takes more than one element for each channel", "input")


def by_groups(call: Call) -> Array:
    """Keeps an input whose channels, axis 1, make `num_groups` groups. Raises `Misfit`."""
    result = by_channels(call, ("weight", "bias"), 2)
    groups, channels = call.size("num_groups"), channels_of(result.shape)
    if groups is not Unknown and groups.value is not Unknown and groups.value < 1:
        raise Misfit(CODE, f"`num_groups` is {groups}, and has to be 1 or more", "num_groups")
    if not call.divisible(channels.size, groups):
        raise Misfit(
            CODE, f"it makes {groups} groups of the channels, which are axis 1", "input", 1, other="num_groups",
            left=channels,
        )  # fmt: skip
    return result


def by_shape(call: Call) -> Array:
    """Keeps an input whose last axes are `normalized_shape`. Raises `Misfit`."""
    shape = call.shape("input")
    try:
        sizes = _normalized(call)
    except Undetermined:
        return kept(call, shape)
    if shape.axes == ANY_SHAPE.axes:
        return kept(call, TensorShape((*shape.axes, *(Axis(size) for size in sizes))))
    axes = list(shape.axes)
    if shape.rest is Unknown and len(axes) < len(sizes):
        raise Misfit(
            "rank-unfit", f"it normalizes the last {len(sizes)} axes, and `input` has {len(axes)}", "input",
            other="normalized_shape",
        )  # fmt: skip
    names = _affine(call, sizes)
    for back, size in enumerate(reversed(sizes), 1):
        place = len(axes) - back
        found = axes[place] if place >= 0 else Rest()
        if isinstance(found, Rest):
            break
        expected, by = Axis(size, carried=names[-back][0]), names[-back][1]
        carried = either_name(found, expected)
        if name_conflict(found, expected) or (found.size is not Unknown and size is not Unknown):
            axes[place] = call.same(
                found, expected, NORM, f"it normalizes the last {_counted(sizes)}", "input", place,
                other=by if name_conflict(found, expected) else _SHAPE,
            )  # fmt: skip
        else:
            axes[place] = (
                found.called(carried) if size is Unknown else Axis(size, found.name, carried=carried)
            )
    return kept(call, TensorShape(tuple(axes)))


def _counted(sizes: Collection[object]) -> str:
    listed = " ".join(str(one) if one is not Unknown else "_" for one in sizes)
    return (
        f"axis, which has to be {listed}"
        if len(sizes) == 1
        else f"{len(sizes)} axes, which have to be {listed}"
    )


def _normalized(call: Call) -> list[Size | UnknownType]:
    sizes = call.sizes("normalized_shape")
    if not sizes:
        raise Misfit("rank-unfit", "it takes a `normalized_shape` of one axis or more", "normalized_shape")
    return sizes


def _affine(call: Call, sizes: list[Size | UnknownType]) -> list[tuple[str | UnknownType, str]]:
    """The names that weight and bias carry on the normalized axes, and which of them. Raises `Misfit`."""
    names: list[tuple[str | UnknownType, str]] = [(Unknown, _SHAPE)] * len(sizes)
    for name in ("weight", "bias"):
        if not isinstance(call.value(name), Array):
            continue
        shape = ranked(call, name, [len(sizes)])
        for place, (axis, size) in enumerate(zip(shape.axes, sizes, strict=False)):
            if not isinstance(axis, Axis):
                continue
            expected, by = Axis(size, carried=names[place][0]), names[place][1]
            if name_conflict(axis, expected) or (axis.size is not Unknown and size is not Unknown):
                call.same(
                    axis, expected, NORM, "it takes the normalized shape there", name, place,
                    other=by if name_conflict(axis, expected) else _SHAPE,
                )  # fmt: skip
            if expected.carried is Unknown:
                names[place] = axis.carried, name
    return names


def checked_channels(call: Call, says: str, ranks: tuple[int, ...], unbatched: int) -> Array:
    """Keeps an input that has as many channels as the attribute says. Raises `Misfit`."""
    shape, place = _placed(call, ranks, unbatched)
    if place is Unknown:
        return kept(call, shape)
    found = check_channels(
        call, channels_of(shape, place), Axis(call.size(says)), "input", place, says,
        takes="the normalization takes",
    )  # fmt: skip
    at = shape.rest
    if at is not Unknown and at <= place:
        return kept(call, shape)
    return kept(call, shape.replaced(place, found))


def noticed_channels(call: Call, says: str, ranks: tuple[int, ...], unbatched: int, *, sure: bool) -> Array:
    """Keeps an input, and notices a number of channels other than the attribute says, which torch takes.

    Whether torch looks has to be known for that.
    """
    shape, place = _placed(call, ranks, unbatched)
    if place is not Unknown and sure:
        try:
            checked_channels(call, says, ranks, unbatched)
        except Misfit as misfit:
            call.judge.notice(
                Misfit(
                    UNCHECKED, f"{misfit.detail}; torch does not look here", misfit.argument, misfit.axis,
                    other=misfit.other, left=misfit.left, right=misfit.right,
                )
            )  # fmt: skip
    return kept(call, shape)


def _placed(call: Call, ranks: tuple[int, ...], unbatched: int) -> tuple[TensorShape, int | UnknownType]:
    """The shape of the input, and the place of its channels where that is known."""
    shape = ranked(call, "input", ranks) if ranks else at_least(call, 2)
    if unbatched < 0:
        return shape, 1
    if shape.rank is Unknown:
        return shape, Unknown
    return shape, 0 if shape.rank == unbatched else 1
