"""Names that axes carry, held to a shape: each dim of the shape is the name of its axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from namedtorch.dims.pattern import Axis, Dim, Flattened, Group
from namedtorch.dims.unknown import Unknown, UnknownType

Names: TypeAlias = Sequence[str | None]
"""The names of the axes of a tensor, from the left; None for one that carries none."""


@dataclass(frozen=True, slots=True)
class Misnamed:
    """An axis of a tensor that does not carry the name that the shape has there."""

    axis: int
    expected: str
    actual: str | None


def expected_name(axis: Axis) -> str | UnknownType:
    """The name that an axis of a shape asks for: `C`, `(H W)`; Unknown where it asks for none: `3`, `_`, `2*C`."""
    match axis:
        case Dim(name=name):
            return name
        case Flattened(factors=factors):
            names = [factor.name for factor in factors]
            if all(name is Unknown for name in names):
                return Unknown
            return f"({' '.join('_' if name is Unknown else name for name in names)})"
        case Group():
            return Unknown


def misnamed(axes: Sequence[Axis], names: Names) -> list[Misnamed]:
    """The axes that carry another name than the shape has there, or none where it has one.

    A tensor of another rank has none: there is no telling which axis is which. Between two groups, a dim that the
    tensor does not have is told with axis -1.
    """
    groups = [place for place, axis in enumerate(axes) if isinstance(axis, Group)]
    if len(names) < len(axes) - len(groups) or (not groups and len(names) != len(axes)):
        return []
    if not groups:
        return _misnamed(axes, names, 0)
    behind = len(axes) - groups[-1] - 1
    found = _misnamed(axes[: groups[0]], names, 0)
    if len(groups) == 2:
        wanted = [expected_name(axis) for axis in axes[groups[0] + 1 : groups[1]]]
        if not places_by_name(range(len(names) - len(wanted) + 1), names, wanted):
            text = " ".join("_" if name is Unknown else name for name in wanted)
            found.append(Misnamed(-1, text, None))
    return found + _misnamed(axes[len(axes) - behind :], names, len(names) - behind)


def _misnamed(axes: Sequence[Axis], names: Names, first: int) -> list[Misnamed]:
    found: list[Misnamed] = []
    for place, axis in enumerate(axes, first):
        expected = expected_name(axis)
        if expected is not Unknown and names[place] != expected:
            found.append(Misnamed(place, expected, names[place]))
    return found


def places_by_name(places: Sequence[int], names: Names, wanted: Sequence[str | UnknownType]) -> list[int]:
    """Those of some places at which the next axes carry these names; Unknown fits any."""
    return [
        first
        for first in places
        if all(name is Unknown or names[first + step] == name for step, name in enumerate(wanted))
    ]
