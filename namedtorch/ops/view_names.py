"""The names that the axes of a view carry: those of the axes that they are, and of those that are merged in them.

An axis of size 1 leaves no trace in the order of the elements. A view keeps it as one of its own axes of size 1 that
stands there, or merges it to its neighbours; where it does neither, the axis is gone as behind `squeeze`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import Axis
from namedtorch.ops.flattening import flat_name, parted
from namedtorch.ops.judge import Misfit
from namedtorch.ops.moved_dims import Regrouped

MOVES: Final = "view-moves-dims"


def check_unmixed(view: Regrouped, argument: str, first: int) -> None:
    """Refuses a view that mixes dims: their axes neither stay, nor are merged, nor are split. Raises `Misfit`.

    `first` is the place in the argument of the first axis that is viewed.
    """
    units = _units(view)
    for leaves, columns in view.groups:
        if len(leaves) < 2 or len(columns) < 2:
            continue
        axes = [view.axes[place] for place in sorted({view.owners[here] for here in leaves})]
        inner = [axis for here in leaves[1:] for axis in units.get(here, ())]
        if sum(axis.carried is not Unknown for axis in (*axes, *inner)) < 2:
            continue
        sizes = ", ".join(str(view.sizes[view.columns[there]]) for there in columns)
        raise Misfit(
            MOVES,
            f"a view keeps the order of elements: it splits an axis or merges neighbours, and "
            f"`{' '.join(map(str, axes))}` does not become `{sizes}` in that way",
            argument,
            first + view.owners[leaves.start],
            left=axes[0],
            help="to move dims, use `permute` or `rearrange`; to regroup elements whatever they are, take the names "
            "away first",
        )


def carried_names(view: Regrouped, inferred: int | UnknownType) -> dict[int, str | UnknownType]:
    """The names of the axes of a view, by place; none where nothing tells. `inferred` is the place that is -1."""
    found = {place: flat_name(axes) for place, axes in _origins(view, inferred).items()}
    for leaves, columns in view.groups:
        if len(leaves) == 1 and not any(view.columns[there] in found for there in columns):
            found |= _split(view, view.leaves[leaves.start], columns, found)
    return found


def _split(
    view: Regrouped, leaf: Axis, columns: range, taken: Mapping[int, object]
) -> dict[int, str | UnknownType]:
    """The names of what one axis is split into; axes of size 1 beside it may be parts of it, too."""
    start, stop = view.columns[columns.start], view.columns[columns.stop - 1] + 1
    before = start
    while before and before - 1 not in taken and view.sizes[before - 1].value == 1:
        before -= 1
    behind = stop
    while behind < len(view.sizes) and behind not in taken and view.sizes[behind].value == 1:
        behind += 1
    for first, last in ((start, stop), (before, stop), (start, behind), (before, behind)):
        parts = parted(leaf, [Axis(size) for size in view.sizes[first:last]])
        if any(part.carried is not Unknown for part in parts):
            return {place: part.carried for place, part in enumerate(parts, first)}
    return {}


def _origins(view: Regrouped, inferred: int | UnknownType) -> dict[int, list[Axis]]:
    """The axes that each axis of a view is made of, without those of which it is only a part."""
    units, ones = _units(view), _ones(view)
    found: dict[int, list[Axis]] = {}
    for place in view.columns:
        span = view.span(place)
        if span is not Unknown:
            inner = [
                [*_named(units.get(here, ())), view.leaves[here]] for here in range(span[0] + 1, span[1])
            ]
            found[place] = [view.leaves[span[0]], *(axis for axes in inner for axis in axes)]
    merging = {place for place, axes in found.items() if len(axes) > 1}
    for here, there in view.cuts:
        if here not in units:
            continue
        left = view.columns[there - 1] if there else Unknown
        right = view.columns[there] if there < len(view.columns) else Unknown
        takers = [*ones.get(there, ()), *(place for place in (right, left) if place in found)]
        taker = _taker(takers, ones.get(there, ()), inferred, merging)
        _allot(found, units[here], ones.get(there, ()), taker, left)
    return found


def _taker(
    takers: Sequence[int | UnknownType], ones: Sequence[int], inferred: int | UnknownType, merging: set[int]
) -> int | UnknownType:
    """The place that is -1, else one that merges, else the last of size 1; `Unknown` where there is none."""
    if inferred is not Unknown and inferred in takers:
        return inferred
    for place in takers:
        if place in merging:
            return place
    return ones[-1] if ones else Unknown


def _allot(
    found: dict[int, list[Axis]],
    units: Sequence[Axis],
    ones: Sequence[int],
    taker: int | UnknownType,
    left: int | UnknownType,
) -> None:
    """Gives axes of size 1 to those of a view in their order; `taker` takes those for which there is none."""
    if len(units) > len(ones):
        units = _named(units)
    many = len(units) - len(ones)
    if many > 0 and taker is not Unknown:
        if taker in ones:
            start = ones.index(taker)
            found[taker] = list(units[start : start + many + 1])
            units = [*units[:start], *units[start + many :]]
        elif taker == left:
            found[taker] = [*found[taker], *units[:many]]
            units = units[many:]
        else:
            found[taker] = [*units[len(ones) :], *found[taker]]
    for place, axis in zip(ones, units, strict=False):
        found.setdefault(place, [axis])


def _named(axes: Sequence[Axis]) -> list[Axis]:
    return [axis for axis in axes if axis.carried is not Unknown]


def _units(view: Regrouped) -> dict[int, list[Axis]]:
    """The axes of size 1, by the number of leaves that stand before them."""
    found: defaultdict[int, list[Axis]] = defaultdict(list)
    for place, axis in enumerate(view.axes):
        if axis.is_one:
            found[sum(owner < place for owner in view.owners)].append(axis)
    return found


def _ones(view: Regrouped) -> dict[int, list[int]]:
    """The places of the sizes that are 1, by the number of columns that stand before them."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for place, size in enumerate(view.sizes):
        if size.value == 1:
            found[sum(column < place for column in view.columns)].append(place)
    return found
