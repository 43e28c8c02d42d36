"""Patterns by the steps that people write: axes are split and merged one by one, so that no other size is needed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from namedtorch.dims.size import Size
from namedtorch.ops.pattern_moves import REDUCTIONS, Keys, Moves
from namedtorch.ops.recipes import Given, Held, Step
from namedtorch.ops.tidy_steps import turned, widened

_OPEN: Final = Size.constant(-1)
"""The size that follows from the others."""


def written_steps(
    made: Moves, sizes: Mapping[str, Size], reduction: str, takes_all: Callable[[str], bool]
) -> tuple[Step, ...]:
    """The plain steps. `sizes` are those that are given; `takes_all` tells of a method whether it reduces all axes."""
    return tuple(_steps(made, sizes, reduction, takes_all))


def _steps(
    made: Moves, sizes: Mapping[str, Size], reduction: str, takes_all: Callable[[str], bool]
) -> Iterator[Step]:
    yield from _taken_apart(made.taken, sizes)
    had = [key for keys in made.taken for key in keys]
    keeps = _keeps(made, had)
    if made.reduced:
        yield from _reduced(made, REDUCTIONS[reduction], len(had), keeps, takes_all)
    yield from turned(made.order)
    if made.made:
        yield from widened(made.made)
        given = [key for keys in made.given for key in keys]
        yield Step(
            "expand", tuple(sizes[key] if place in made.made else _OPEN for place, key in enumerate(given))
        )
    if not keeps:
        yield from _put_together(made.given)


def held(made: Moves, sizes: Mapping[str, Size]) -> Iterator[Held]:
    """The sizes of axes that stay whole, which no step asks for."""
    for place, keys in enumerate(made.taken):
        if not keys:
            yield Held(place, Size.constant(1))
        elif len(keys) == 1 and keys[0] in sizes:
            yield Held(place, sizes[keys[0]])


def _taken_apart(taken: Sequence[Keys], sizes: Mapping[str, Size]) -> Iterator[Step]:
    gone = [place for place, keys in enumerate(taken) if not keys]
    if gone:
        yield Step("squeeze", (gone[0] if len(gone) == 1 else tuple(gone),))
    left = [keys for keys in taken if keys]
    # From the right, so that the places of those on the left stay.
    for place in reversed(range(len(left))):
        if len(left[place]) > 1:
            yield Step("unflatten", (place, tuple(sizes.get(key, _OPEN) for key in left[place])))


def _keeps(made: Moves, had: Sequence[str]) -> bool:
    """Whether what is reduced is left as axes of size 1, each where it was, and all else as it is."""
    wanted: list[Keys] = [() if place in made.reduced else (key,) for place, key in enumerate(had)]
    return bool(made.reduced) and list(made.given) == wanted


def _reduced(
    made: Moves, method: str, rank: int, keeps: bool, takes_all: Callable[[str], bool]
) -> Iterator[Step]:
    keywords: tuple[tuple[str, Given], ...] = (("keepdim", True),) if keeps else ()
    if len(made.reduced) == rank and not keeps and takes_all(method):
        yield Step(method)
    elif method == "prod":
        # It takes one dim.
        for place in reversed(made.reduced):
            yield Step(method, (place,), keywords)
    else:
        yield Step(method, (made.reduced[0] if len(made.reduced) == 1 else made.reduced,), keywords)


def _put_together(given: Sequence[Keys]) -> Iterator[Step]:
    starts = [sum(len(one) for one in given[:place]) for place in range(len(given))]
    for place in reversed(range(len(given))):
        if len(given[place]) > 1:
            start, end = starts[place], starts[place] + len(given[place]) - 1
            last = sum(1 for keys in given[place + 1 :] if keys) == 0
            yield Step("flatten", (() if not start else (start,)) if last else (start, end))
    merged = sum(1 for keys in given if keys)
    yield from widened([place for place, keys in enumerate(given) if not keys], merged)
