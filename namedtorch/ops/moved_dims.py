"""`Regrouped`: which axes of a view come of which axes of its input; `moved_dim`: one that was hardly meant."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

from namedtorch.dims.polynomial import Polynomial
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import Axis, carried_by, merged
from namedtorch.ops.ratio import ONE, Ratio


@dataclass(frozen=True)
class Regrouped:
    """The axes of a tensor, taken apart to leaves in the order of its elements, beside the sizes of a view.

    Axes of size 1 are left out of the leaves and of `columns`, the places of the sizes that count. A number of
    elements in front of an axis is a `Ratio`: `before[i]` of leaf `i`, `after[j]` of column `j`. `slack` is what the
    numbers of elements differ by in form: `C` and `h*d`, of which nobody says that they are equal.
    """

    axes: tuple[Axis, ...]
    sizes: tuple[Size, ...]
    leaves: tuple[Axis, ...]
    owners: tuple[int, ...]
    keys: tuple[Ratio, ...]
    columns: tuple[int, ...]

    @staticmethod
    def of(axes: Sequence[Axis], sizes: Sequence[Size]) -> "Regrouped":
        """The regrouping of axes of known sizes. Raises `ValueError` for a size of 0."""
        leaves: list[Axis] = []
        owners: list[int] = []
        for place, axis in enumerate(axes):
            is_apart = bool(axis.parts) and all(part.size is not Unknown for part in axis.parts)
            # An axis with a name of its own is one, whatever is flattened in it.
            parts = axis.parts if is_apart and axis.carried == carried_by(axis.parts) else (axis,)
            for part in parts:
                if not part.is_one:
                    leaves.append(part)
                    owners.append(place)
        keys = tuple(Ratio.of(size, exact=True) for size in sizes)
        columns = tuple(place for place, size in enumerate(sizes) if size.value != 1)
        return Regrouped(tuple(axes), tuple(sizes), tuple(leaves), tuple(owners), keys, columns)

    @cached_property
    def leaf_keys(self) -> tuple[Ratio, ...]:
        """The sizes of the leaves."""
        return tuple(Ratio.of(leaf.size, exact=True) for leaf in self.leaves if leaf.size is not Unknown)

    @cached_property
    def before(self) -> tuple[Ratio, ...]:
        """What stands in front of each leaf, and the number of all elements."""
        return tuple(_prefixes(self.leaf_keys))

    @cached_property
    def after(self) -> tuple[Ratio, ...]:
        """What stands in front of each column, and the number of all elements."""
        return tuple(_prefixes([self.keys[place] for place in self.columns]))

    @cached_property
    def slack(self) -> Ratio:
        """The numbers of elements, one over the other."""
        return self.before[-1].over(self.after[-1])

    def alike(self, before: Ratio, after: Ratio) -> bool:
        """Whether as many elements stand in front, where the numbers of all elements are equal."""
        ratio = before.over(after)
        return ratio.is_one or ratio == self.slack

    @cached_property
    def cuts(self) -> tuple[tuple[int, int], ...]:
        """The places, of leaves and columns, where as many elements lie in front on both sides."""
        found: list[tuple[int, int]] = []
        start = 0
        for there, after in enumerate(self.after):
            for here in range(start, len(self.before)):
                if self.alike(self.before[here], after):
                    found.append((here, there))
                    start = here + 1
                    break
        return tuple(found)

    def span(self, place: int) -> tuple[int, int] | UnknownType:
        """The leaves that one size of the view is made of, from and to; `Unknown` where it cuts one of them."""
        if place not in self.columns:
            return Unknown
        column = self.columns.index(place)
        ends = {there: here for here, there in self.cuts}
        start, stop = ends.get(column), ends.get(column + 1)
        if start is None or stop is None:
            return Unknown
        is_whole = self.before[stop].over(self.before[start]) == self.keys[place]
        return (start, stop) if is_whole else Unknown

    @property
    def groups(self) -> Iterator[tuple[range, range]]:
        """The leaves and the columns between neighbouring cuts."""
        for (here, there), (here_end, there_end) in zip(self.cuts, self.cuts[1:], strict=False):
            yield range(here, here_end), range(there, there_end)


@dataclass(frozen=True, slots=True)
class Moved:
    """A dim that a view asks for at a place where its elements do not lie.

    `axis` is the place in the input, `result` in the view; `before` and `after` is what stands in front.
    """

    leaf: Axis
    axis: int
    result: int
    before: Ratio
    after: Ratio

    @property
    def name(self) -> str:
        """The dim, or the size."""
        dim = self.leaf.dim
        return str(self.leaf.size) if dim is Unknown else dim


def moved_dim(view: Regrouped) -> Moved | UnknownType:
    """The first dim that a view moves, or `Unknown`."""
    slack = view.slack
    if not slack.is_one and (_is_lone(slack) or _is_lone(slack.inverse)):
        return Unknown
    for leaves, columns in view.groups:
        if len(leaves) < 2 or len(columns) < 2 or _is_skew(view, leaves, columns):
            continue
        found = _moved_number(view, leaves, columns) if _numbers(view, leaves, columns) else Unknown
        if found is Unknown:
            found = _moved_symbol(view, leaves, columns)
        if found is not Unknown:
            return found
    return Unknown


def _is_lone(ratio: Ratio) -> bool:
    """Whether nothing stands below: what is above would have to be 1, so that nothing is known of the order."""
    return ratio.is_whole


def _moved_symbol(view: Regrouped, leaves: range, columns: range) -> Moved | UnknownType:
    """A leaf, or neighbours that are merged to one size, that stand behind other elements than before."""
    columns_of = {there: view.keys[view.columns[there]] for there in columns}
    for here in leaves:
        for end in range(here + 1, leaves.stop + 1):
            key = view.before[end].over(view.before[here])
            if key.is_number:
                continue
            # Several leaves are one size of the view, or one leaf is several sizes.
            spans = [(there, there + 1) for there, one in columns_of.items() if one == key]
            if end == here + 1:
                spans += [
                    span for span in _runs(columns) if view.after[span[1]].over(view.after[span[0]]) == key
                ]
            twins = [
                first
                for first, last in [*((one, one + 1) for one in leaves), *_runs(leaves)]
                if view.before[last].over(view.before[first]) == key
            ]
            if spans and not any(
                view.alike(view.before[one], view.after[there]) for one in twins for there, _ in spans
            ):
                return _moved(view, here, spans[0][0], end)
    return _moved_scaled(view, leaves, columns)


def _runs(places: range) -> list[tuple[int, int]]:
    """From where to where two neighbours or more stand."""
    return [(first, last) for first in places for last in range(first + 2, places.stop + 1)]


def _moved_scaled(view: Regrouped, leaves: range, columns: range) -> Moved | UnknownType:
    """Three axes or more of which each is asked for at another scale, `C*4 H//2 W//2`: pixels are torn apart."""
    if len(leaves) != len(columns) or len(leaves) < 3:
        return Unknown
    scales = [
        view.keys[view.columns[there]].over(view.leaf_keys[here])
        for here, there in zip(leaves, columns, strict=True)
    ]
    if all(scale.is_number and not scale.is_one for scale in scales):
        return _moved(view, leaves[1], columns[1])
    return Unknown


def _numbers(view: Regrouped, leaves: range, columns: range) -> bool:
    return all(view.leaf_keys[one].is_number for one in leaves) and all(
        view.keys[view.columns[one]].is_number for one in columns
    )


def _moved_number(view: Regrouped, leaves: range, columns: range) -> Moved | UnknownType:
    """A number may stand elsewhere by accident: the whole group has to look like axes in another order."""
    old = [int(view.leaf_keys[one].number) for one in leaves]
    new = [int(view.keys[view.columns[one]].number) for one in columns]
    is_reordered = sorted(old) == sorted(new)
    is_heads = (len(old), len(new)) == (2, 3) and old[0] == new[1]
    is_unheads = (len(old), len(new)) == (3, 2) and old[1] == new[0]
    for here, number in enumerate(old):
        if old.count(number) != 1 or new.count(number) != 1:
            continue
        there = new.index(number)
        front, back = prod(old[:here]), prod(old[here + 1 :])
        new_front, new_back = prod(new[:there]), prod(new[there + 1 :])
        is_swap = (front, back) == (new_back, new_front)
        if front != new_front and (is_reordered or is_swap or is_heads or is_unheads):
            return _moved(view, leaves[here], columns[there])
    return Unknown


def skewed(view: Regrouped) -> frozenset[int]:
    """The places of the sizes that hold rows shifted by one: what they are has no name."""
    return frozenset(
        view.columns[one]
        for leaves, columns in view.groups
        if _is_skew(view, leaves, columns)
        and not all(view.sizes[view.columns[one]].value is not Unknown for one in columns)
        for one in columns
    )


def _is_skew(view: Regrouped, leaves: range, columns: range) -> bool:
    """Whether a view of `(T, S+1)` as `(S+1, T)` shifts each row by one, as relative attention does."""
    if len(leaves) != 2 or len(columns) != 2:
        return False
    first, second = (view.leaves[one].size for one in leaves)
    if first is Unknown or second is Unknown:
        return False
    if first.value is not Unknown and second.value is not Unknown:
        return abs(first.value - second.value) == 1
    return _is_one_more(first.polynomial) or _is_one_more(second.polynomial)


def _is_one_more(polynomial: Polynomial) -> bool:
    """Whether this is 1 more than a sum of symbols."""
    return (
        polynomial.offset == 1
        and not polynomial.is_constant
        and not polynomial.compounds
        and all(number > 0 for _, number in polynomial.terms)
    )


def _moved(view: Regrouped, here: int, there: int, end: int | None = None) -> Moved:
    return Moved(
        merged(view.leaves[here : here + 1 if end is None else end]),
        view.owners[here],
        view.columns[there],
        view.before[here],
        view.after[there],
    )


def _prefixes(keys: Sequence[Ratio]) -> Iterator[Ratio]:
    front = ONE
    yield front
    for key in keys:
        front = front.times(key)
        yield front
