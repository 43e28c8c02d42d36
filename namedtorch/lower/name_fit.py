"""One tensor's names held to a shape: whether they are its dims, in its order, or which order makes them so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from namedtorch.diagnostics import Failure
from namedtorch.diagnostics.codes import sentence
from namedtorch.dims.carried import expected_name
from namedtorch.dims.pattern import Axis, Group
from namedtorch.dims.shape import Shape
from namedtorch.dims.unknown import Unknown
from namedtorch.values.boundary_dims import along
from namedtorch.values.named_tensor import Dims, dims_text

REST: Final = "..."
"""Under which the names of a group without a name stand."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How the names of a tensor lie along the axes of a shape.

    It `fits` as it is, or in another `order` of its axes, or not at all. `groups` are the names along each group, in
    that order.
    """

    shape: Shape
    dims: Dims
    fits: bool
    order: tuple[int, ...] | None
    groups: Mapping[str, Dims]

    def failures(self, argument: str, remedy: str) -> list[Failure]:
        """What does not fit, of an argument of this name; `remedy` goes on where `x.align_to(...), or` ends."""
        wanted = self.shape.without_where()
        if self.order is not None:
            message = f"`{argument}` is `{dims_text(self.dims)}`, and the model wants `{wanted}`"
            aligned = dims_text([self.dims[place] for place in self.order])
            help = f'give it aligned, `{argument}.align_to("{aligned}")`' + (f", or {remedy}" * bool(remedy))
            return [
                Failure(
                    "names-differ", message, argument, None, None, str(wanted), dims_text(self.dims), help
                )
            ]
        if not has_rank(self.shape, len(self.dims)):
            least = len(self.shape.axes) - len(self.shape.groups)
            expected = f"at least {least}" if self.shape.groups else str(least)
            text = sentence(
                "rank-differs", argument=argument, actual=len(self.dims), dim=wanted, expected=expected
            )
            message = f"{text}: it is `{dims_text(self.dims)}`"
            return [Failure("rank-differs", message, argument, None, None, least, len(self.dims))]
        found: list[Failure] = []
        for axis, start, names in along(self.shape, self.dims):
            name = Unknown if isinstance(axis, Group) else expected_name(axis)
            if name is not Unknown and names[0] not in (None, name):
                message = f"axis {start} of `{argument}` is `{names[0]}`, but the model wants `{name}` there"
                found.append(Failure("names-differ", message, argument, name, start, name, names[0]))
        return found


def fitting(shape: Shape, dims: Dims) -> Fit:
    """How these names lie along a shape; an axis without a name lies where it stands."""
    if not has_rank(shape, len(dims)):
        return Fit(shape, dims, False, None, {})
    if all(_is(axis, names) for axis, _, names in along(shape, dims)):
        return Fit(shape, dims, True, None, _groups(shape, dims))
    order = _order(shape, dims)
    return Fit(
        shape, dims, False, order, {} if order is None else _groups(shape, [dims[one] for one in order])
    )


def has_rank(shape: Shape, rank: int) -> bool:
    """Whether a tensor of so many axes can be of a shape."""
    least = len(shape.axes) - len(shape.groups)
    return rank == least or (bool(shape.groups) and rank > least)


def joined(left: Dims, right: Dims) -> Dims | None:
    """The names of two lists of axes that lie along each other from the right; None where they differ."""
    longer, shorter = (left, right) if len(left) >= len(right) else (right, left)
    found = list(longer)
    for place, name in enumerate(shorter, len(longer) - len(shorter)):
        if found[place] is None:
            found[place] = name
        elif name is not None and name != found[place]:
            return None
    return tuple(found)


def sides(shape: Shape, spare: int, names: Mapping[str, Dims]) -> Mapping[int, int]:
    """How many of the `spare` axes of a result lie along each of its groups, by their places, as far as names tell."""
    groups = shape.groups
    if len(groups) < 2:
        return dict.fromkeys(groups, spare)
    lengths: list[int | None] = []
    for place in groups:
        axis = shape.axes[place]
        known = names.get(axis.name) if isinstance(axis, Group) and axis.name is not Unknown else None
        lengths.append(None if known is None else len(known))
    left = lengths[0] if lengths[0] is not None else spare - lengths[1] if lengths[1] is not None else 0
    left = min(max(left, 0), spare)
    return {groups[0]: left, groups[1]: spare - left}


def _is(axis: Axis, names: Dims) -> bool:
    wanted = Unknown if isinstance(axis, Group) else expected_name(axis)
    return wanted is Unknown or names[0] is None or names[0] == wanted


def _groups(shape: Shape, dims: Sequence[str | None]) -> dict[str, Dims]:
    found: dict[str, Dims] = {}
    for axis, _, names in along(shape, tuple(dims)):
        if isinstance(axis, Group):
            found.setdefault(REST if axis.name is Unknown else axis.name, names)
    return found


def _order(shape: Shape, dims: Dims) -> tuple[int, ...] | None:
    """The order of axes in which names are those of a shape; None where there is none, or not surely one."""
    if None in dims or len(set(dims)) != len(dims) or len(shape.groups) > 1:
        return None
    wanted = [Unknown if isinstance(axis, Group) else expected_name(axis) for axis in shape.axes]
    named = [name for name in wanted if name is not Unknown]
    if len(set(named)) != len(named) or not set(named) <= set(dims):
        return None
    left = [place for place, name in enumerate(dims) if name not in named]
    open_axes = len(wanted) - len(named) - len(shape.groups)
    # What has no name in the shape is of the one axis, or the one group, that asks for none.
    if open_axes > 1 or (open_axes and shape.groups):
        return None
    order: list[int] = []
    for name in wanted:
        order += left if name is Unknown else [dims.index(name)]
    return tuple(order)
