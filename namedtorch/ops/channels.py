"""Batch, channels and spatial axes: how layers for images, sequences and volumes read the axes of a tensor."""

from collections.abc import Iterable
from dataclasses import dataclass

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import ANY, Axis, Rest
from namedtorch.ops.call import Call, with_rank
from namedtorch.ops.judge import Misfit, either_name, name_conflict
from namedtorch.ops.tensor_shape import TensorShape

CODE = "channels-differ"


@dataclass(frozen=True, slots=True)
class Image:
    """The axes of an argument: those of the batch, if any, the channels, and the spatial ones.

    `place` is where the channels are in the shape of the argument, and `places` where the spatial axes are.
    """

    argument: str
    batch: tuple[Axis | Rest, ...]
    channels: Axis
    spatial: tuple[Axis, ...]
    place: int | UnknownType
    places: tuple[int | UnknownType, ...]

    def shaped(self, channels: Axis, spatial: Iterable[Axis]) -> TensorShape:
        """The shape with the same batch."""
        return TensorShape((*self.batch, channels, *spatial))


def image(call: Call, name: str, spatial: int, *ranks: int) -> Image:
    """An argument as batch, channels and so many spatial axes; it takes these numbers of axes in all.

    Raises `Misfit`.
    """
    shape = ranked(call, name, ranks)
    tail: list[Axis] = []
    for axis in reversed(shape.axes):
        if isinstance(axis, Rest) or len(tail) > spatial:
            break
        tail.insert(0, axis)
    missing = spatial + 1 - len(tail)
    count = len(shape.axes)
    # Places count in the shape as it was given, which may have a `Rest` where this one has axes.
    same = call.shape(name).axes == shape.axes
    places = [
        count - spatial - 1 + place if same and place >= missing else Unknown
        for place in range(spatial + 1)
    ]  # fmt: skip
    batch: tuple[Axis | Rest, ...] = (Rest(),) if missing else shape.axes[: count - spatial - 1]
    axes = (*([ANY] * missing), *tail)
    return Image(name, batch, axes[0], axes[1:], places[0], tuple(places[1:]))


def ranked(call: Call, name: str, ranks: Iterable[int]) -> TensorShape:
    """The shape of an argument that takes these numbers of axes. Raises `Misfit`."""
    takes, shape = sorted(ranks), call.shape(name)
    if shape.rest is Unknown:
        call.rank_in(name, *takes)
        return shape
    least = len(shape.axes) - 1
    fitting = [rank for rank in takes if rank >= least]
    if not fitting:
        listed = " or ".join(str(one) for one in takes)
        raise Misfit("rank-unfit", f"it takes {listed} axes, and `{name}` has {least} or more", name)
    return with_rank(shape, fitting[0]) if len(fitting) == 1 else shape


def check_channels(
    call: Call,
    found: Axis,
    expected: Axis,
    argument: str,
    place: int | UnknownType,
    other: str,
    other_axis: int | UnknownType = Unknown,
    *,
    takes: str = "it takes",
) -> Axis:
    """The axis of channels, which has to be as expected. Raises `Misfit`."""
    if (found.size is Unknown or expected.size is Unknown) and not name_conflict(found, expected):
        known = found if found.size is not Unknown or expected.size is Unknown else expected.plain
        return known.called(either_name(found, expected))
    counted = f"axis {place}" if place is not Unknown else "an axis"
    return call.same(
        found, expected, CODE, f"{takes} {expected} channels, and channels are {counted} of `{argument}`",
        argument, place, other=other, other_axis=other_axis,
    )  # fmt: skip


def check_divides(
    call: Call, count: Size | UnknownType, by: Size | UnknownType, name: str, into: str
) -> None:
    """Raises `Misfit` where channels surely do not make so many groups; both are arguments."""
    if by is not Unknown and by.value is not Unknown and by.value < 1:
        raise Misfit(CODE, f"`{into}` is {by}, and has to be 1 or more", into)
    if not call.divisible(count, by):
        raise Misfit(
            CODE, f"`{name}` has to be a multiple of `{into}`: {count} is none of {by}", name, other=into,
            left=Axis(count),
        )  # fmt: skip
