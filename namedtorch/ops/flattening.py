"""Axes that are flattened to one, and split again: the names that they carry."""

from collections.abc import Sequence

from namedtorch.dims.unknown import UnknownType
from namedtorch.ops.axes import Axis, carried_by, merged, names_in


def flat_axis(axes: Sequence[Axis]) -> Axis:
    """The axis that these are flattened to, row-major, under the names of all: one of size 1 is in it, too."""
    return merged(axes).called(flat_name(axes))


def flat_name(axes: Sequence[Axis]) -> str | UnknownType:
    """The name of the axis that these are flattened to: that of the only one, or `(C H W)`."""
    if len(axes) == 1:
        return axes[0].carried
    return carried_by(
        Axis(carried=name) for axis in axes for name in (names_in(axis.carried) or (axis.carried,))
    )


def parted(axis: Axis, parts: Sequence[Axis]) -> list[Axis]:
    """The axes that one is split into, under the names of what is flattened in it where it is split into just these.

    An axis that carries `(C H)` without the sizes of both may be split elsewhere: its parts carry no names.
    """
    if len(parts) == 1:
        return [parts[0].called(axis.carried)]
    # A name of its own is no longer that of its parts.
    if axis.carried != carried_by(axis.parts) or [one.size for one in axis.parts] != [
        one.size for one in parts
    ]:
        return list(parts)
    return [part.called(one.carried) for part, one in zip(parts, axis.parts, strict=True)]
