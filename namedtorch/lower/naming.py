"""Sizes to dims: what the axes of a value in a graph are called, found from sizes that were seen."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

_FACTORS = range(2, 17)
_HALVINGS = (2, 4, 8, 16, 32, 64)
_STEPS = tuple(sign * step for step in range(1, 9) for sign in (1, -1))
_FARTHEST = 16


@dataclass(frozen=True, slots=True)
class Run:
    """The sizes of dims and groups in one run of a model."""

    dims: Mapping[str, int]
    groups: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Naming:
    """Names for the axes of values, by the sizes of dims in one or more runs.

    `fixed` are sizes that say nothing of a dim: those that the signature or the weights have anyway.
    """

    runs: Sequence[Run]
    fixed: frozenset[int] = frozenset()

    def axes(self, seen: Sequence[Sequence[int]]) -> str:
        """The axes of a value, given its sizes in the first runs: `N, 8, H-2, W-2`.

        An axis is a dim, or arithmetic of one, if its size was that in every run, and otherwise the size where it was
        always the same, else `_`. Seen in one run only, an axis is a dim where nothing else that is known has its size.
        """
        runs = self.runs[: len(seen)]
        ranks = {len(sizes) for sizes in seen}
        if len(ranks) != 1:
            return "..."
        axes = [tuple(sizes[place] for sizes in seen) for place in range(ranks.pop())]
        names = list(self._named(axes, runs))
        if len(runs) == 1 and len(names) == len(axes):
            # No tensor has a dim twice: one of the two is something else.
            names = [
                name if names.count(name) == 1 else str(size)
                for name, (size,) in zip(names, axes, strict=True)
            ]
        return ", ".join(names)

    def _named(self, axes: Sequence[tuple[int, ...]], runs: Sequence[Run]) -> Iterator[str]:
        place = 0
        while place < len(axes):
            group = self._group(axes[place:], runs)
            if group is None:
                yield self._axis(axes[place], runs)
                place += 1
            else:
                yield f"*{group}"
                place += len(runs[0].groups[group])

    def _group(self, axes: Sequence[tuple[int, ...]], runs: Sequence[Run]) -> str | None:
        """The group whose axes come first, if its sizes tell it from the dims."""
        for name in runs[0].groups:
            sizes = [run.groups.get(name, ()) for run in runs]
            rank = len(sizes[0])
            if not rank or len(axes) < rank or any(len(one) != rank for one in sizes):
                continue
            columns = [tuple(one[place] for one in sizes) for place in range(rank)]
            if columns == list(axes[:rank]) and (len(runs) > 1 or not self._doubtful(columns, runs[0])):
                return name
        return None

    def _doubtful(self, columns: Iterable[tuple[int, ...]], run: Run) -> bool:
        return any(one in self.fixed or one in run.dims.values() for (one,) in columns)

    def _axis(self, sizes: tuple[int, ...], runs: Sequence[Run]) -> str:
        columns = {
            name: column
            for name in runs[0].dims
            if len(column := tuple(run.dims[name] for run in runs if name in run.dims)) == len(runs)
        }
        if len(runs) == 1:
            (size,) = sizes
            same = [name for name, column in columns.items() if column == sizes]
            groups = [one for group in runs[0].groups.values() for one in group]
            alone = len(same) == 1 and size != 1 and size not in self.fixed and size not in groups
            return same[0] if alone else str(size)
        if len(set(sizes)) == 1:
            return str(sizes[0])
        free = {name: column for name, column in columns.items() if len(set(column)) > 1}
        for name, column in free.items():
            if column == sizes:
                return name
        for texts in _arithmetic(sizes, free):
            if texts:
                return texts[0] if len(texts) == 1 else "_"
        return "_"


def _arithmetic(sizes: tuple[int, ...], dims: Mapping[str, tuple[int, ...]]) -> Iterator[list[str]]:
    """The ways to compute sizes that were seen from dims, one for each dim, simple kinds first."""
    for form in (_shifted, _halved, _scaled, _strided):
        found = [form(sizes, name, column) for name, column in dims.items()]
        yield [text for text in found if text is not None]
    products = itertools.combinations(dims.items(), 2)
    yield [
        f"{name}*{other}"
        for (name, column), (other, more) in products
        if sizes == tuple(a * b for a, b in zip(column, more, strict=True))
    ]


def _shifted(sizes: tuple[int, ...], name: str, column: tuple[int, ...]) -> str | None:
    steps = {size - dim for size, dim in zip(sizes, column, strict=True)}
    return f"{name}{steps.pop():+d}" if len(steps) == 1 and abs(max(steps)) <= _FARTHEST else None


def _halved(sizes: tuple[int, ...], name: str, column: tuple[int, ...]) -> str | None:
    """As images are, again and again: what strides of 2 leave of them, rounded down or up."""
    for factor in _HALVINGS:
        for text, step in ((f"{name}//{factor}", 0), (f"({name}+{factor - 1})//{factor}", factor - 1)):
            if sizes == tuple((dim + step) // factor for dim in column):
                return text
    return None


def _scaled(sizes: tuple[int, ...], name: str, column: tuple[int, ...]) -> str | None:
    for factor in _FACTORS:
        if sizes == tuple(dim * factor for dim in column):
            return f"{factor}*{name}"
        if sizes == tuple(dim // factor for dim in column):
            return f"{name}//{factor}"
    return None


def _strided(sizes: tuple[int, ...], name: str, column: tuple[int, ...]) -> str | None:
    for factor, step in itertools.product(_FACTORS, _STEPS):
        if sizes == tuple((dim + step) // factor for dim in column):
            return f"({name}{step:+d})//{factor}"
        if sizes == tuple(dim * factor + step for dim in column):
            return f"{factor}*{name}{step:+d}"
    return None
