"""`TensorShape`: the axes of a value that an operator takes or gives."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import ANY, Axis, Rest, product


class Undetermined(Exception):
    """What a rule has to know is not known: its result is `Unknown`, and nothing is wrong."""


class NoSuchAxis(Exception):
    """An axis that a tensor does not have; `axis` counts as it was given, `rank` says how many there are."""

    def __init__(self, axis: int | str, rank: int) -> None:
        super().__init__(axis, rank)
        self.axis = axis
        self.rank = rank


@dataclass(frozen=True, slots=True)
class TensorShape:
    """Axes from the left, of which one at most is a `Rest`: any number of axes.

    Places are indices of `axes`. What depends on how many axes a `Rest` stands for raises `Undetermined`.
    """

    axes: tuple[Axis | Rest, ...]

    @staticmethod
    def of(sizes: Iterable[Size | int | Axis]) -> "TensorShape":
        """The shape with these sizes."""
        return TensorShape(tuple(one if isinstance(one, Axis) else Axis.of(one) for one in sizes))

    @property
    def rest(self) -> int | UnknownType:
        """The place of the `Rest`, or `Unknown` where the rank is known."""
        for place, axis in enumerate(self.axes):
            if isinstance(axis, Rest):
                return place
        return Unknown

    @property
    def rank(self) -> int | UnknownType:
        """The number of axes."""
        return len(self.axes) if self.rest is Unknown else Unknown

    @property
    def fixed(self) -> tuple[Axis, ...]:
        """The axes of a shape of known rank. Raises `Undetermined`."""
        found = tuple(axis for axis in self.axes if isinstance(axis, Axis))
        if len(found) != len(self.axes):
            raise Undetermined
        return found

    @property
    def elements(self) -> Size | UnknownType:
        """The number of elements."""
        return Unknown if self.rest is not Unknown else product(self.fixed)

    def place(self, axis: int, extra: int = 0) -> int:
        """The place of an axis that counts from the left, or from the right if negative.

        `extra` is the number of places that there are beyond the axes: 1 for `unsqueeze`. Raises `NoSuchAxis`, and
        `Undetermined` for an axis in the `Rest`.
        """
        rest = self.rest
        if rest is Unknown:
            rank = len(self.axes) + extra
            # A scalar takes the axes 0 and -1.
            if not -max(rank, 1) <= axis < max(rank, 1):
                raise NoSuchAxis(axis, len(self.axes))
            return axis + max(rank, 1) if axis < 0 else axis
        if 0 <= axis < rest + extra:
            return axis
        behind = len(self.axes) - rest - 1
        if -behind - extra <= axis < 0:
            return len(self.axes) + extra + axis
        raise Undetermined

    def at(self, axis: int) -> Axis:
        """The axis that counts from the left, or from the right. Raises as `place`."""
        found = self.axes[self.place(axis)]
        if isinstance(found, Rest):
            raise Undetermined
        return found

    def axis(self, place: int) -> Axis:
        """The axis at a place that `place` gave. Raises `Undetermined` in the `Rest`, `NoSuchAxis` for a scalar."""
        if not self.axes:
            raise NoSuchAxis(place, 0)
        found = self.axes[place]
        if isinstance(found, Rest):
            raise Undetermined
        return found

    def replaced(self, place: int, *axes: Axis | Rest) -> "TensorShape":
        """The shape with these axes in the place of one."""
        return TensorShape((*self.axes[:place], *axes, *self.axes[place + 1 :]))

    def inserted(self, place: int, *axes: Axis | Rest) -> "TensorShape":
        """The shape with these axes before a place."""
        return TensorShape((*self.axes[:place], *axes, *self.axes[place:]))

    def without(self, places: Iterable[int]) -> "TensorShape":
        """The shape without the axes at these places."""
        gone = set(places)
        return TensorShape(tuple(axis for place, axis in enumerate(self.axes) if place not in gone))

    def swapped(self, first: int, second: int) -> "TensorShape":
        """The shape with the axes at two places swapped. Raises `Undetermined` where the `Rest` lies between."""
        rest = self.rest
        if rest is not Unknown and (first < rest) != (second < rest):
            raise Undetermined
        axes = list(self.axes)
        axes[first], axes[second] = axes[second], axes[first]
        return TensorShape(tuple(axes))

    def permuted(self, places: Sequence[int]) -> "TensorShape":
        """The shape with its axes in another order; all of its places, each once."""
        return TensorShape(tuple(self.axes[place] for place in places))

    def split(self, behind: int) -> tuple[tuple[Axis | Rest, ...], tuple[Axis, ...]]:
        """What stands before the last axes, and so many last axes. Raises `Undetermined`, or `NoSuchAxis`."""
        if self.rest is Unknown and len(self.axes) < behind:
            raise NoSuchAxis(-behind, len(self.axes))
        last = tuple(axis for axis in self.axes[len(self.axes) - behind :] if isinstance(axis, Axis))
        if len(last) < behind:
            raise Undetermined
        return self.axes[: len(self.axes) - behind], last

    def __str__(self) -> str:
        return " ".join(str(axis) for axis in self.axes)


SCALAR = TensorShape(())
"""The shape of a tensor without axes."""

ANY_SHAPE = TensorShape((Rest(),))
"""The shape of a tensor that nothing is known of."""


def anything(rank: int) -> TensorShape:
    """The shape of a tensor of which only the rank is known."""
    return TensorShape((ANY,) * rank)
