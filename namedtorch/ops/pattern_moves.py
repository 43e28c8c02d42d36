"""`Moves`: how a pattern takes the axes of a tensor apart and puts them together again, whatever their sizes.

All of it is made of texts and numbers, so that a compiler that captures a graph takes it for a constant.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from namedtorch.ops.recipes import Step

REDUCTIONS: Final[Mapping[str, str]] = {
    "sum": "sum",
    "mean": "mean",
    "max": "amax",
    "min": "amin",
    "prod": "prod",
    "any": "any",
    "all": "all",
    "logsumexp": "logsumexp",
    "std": "std",
    "var": "var",
}
"""The method of torch that carries out each reduction; all but `prod` take several dims."""

Keys: TypeAlias = tuple[str, ...]


class Moves(NamedTuple):
    """What is done with the dims of a pattern, each of which has a key.

    `taken` are those of each axis that it takes, `given` those of each axis of the result, `sizes` those that stand in
    the pattern. `reduced` are places among the dims that are taken, `order` those of the ones that are left, in the
    order of the result, and `made` are places of new dims in the result.
    """

    taken: tuple[Keys, ...]
    given: tuple[Keys, ...]
    sizes: tuple[tuple[str, int], ...]
    reduced: tuple[int, ...]
    order: tuple[int, ...]
    made: tuple[int, ...]


def moves(taken: tuple[Keys, ...], given: tuple[Keys, ...], sizes: Mapping[str, int]) -> Moves:
    """What leads from the dims that are taken to those of the result."""
    had, wanted = [key for keys in taken for key in keys], [key for keys in given for key in keys]
    left = [key for key in had if key in wanted]
    return Moves(
        taken,
        given,
        tuple(sizes.items()),
        tuple(place for place, key in enumerate(had) if key not in wanted),
        tuple(left.index(key) for key in wanted if key in left),
        tuple(place for place, key in enumerate(wanted) if key not in had),
    )


def lengths(
    made: Moves, shape: Sequence[Any], sizes: Mapping[str, Any], checked: bool = True
) -> dict[str, Any]:
    """The size of every dim, from those of a tensor and those that are given.

    Raises `ValueError` where they do not go together; the rule of the row says why. Sizes that can't be compared yet
    are not `checked`.
    """
    found = dict(sizes)
    for key, size in made.sizes:
        if found.setdefault(key, size) != size:
            raise ValueError(key)
    for keys, size in zip(made.taken, shape, strict=True):
        known: Any = 1
        unknown: list[str] = []
        for key in keys:
            if key in found:
                known = known * found[key]
            else:
                unknown.append(key)
        if len(unknown) > 1:
            raise ValueError(unknown)
        if not unknown:
            if checked and known != size:
                raise ValueError(keys)
        elif len(keys) == 1:
            found[unknown[0]] = size
        elif checked and (known == 0 or size % known != 0):
            raise ValueError(keys)
        else:
            found[unknown[0]] = size // known
    return found


def calls(made: Moves, sizes: Mapping[str, Any], reduction: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The plain methods and their arguments; each is left out that would do nothing. `sizes` has every dim."""
    if any(len(keys) != 1 for keys in made.taken):
        yield "reshape", (tuple([sizes[key] for keys in made.taken for key in keys]),)
    if made.reduced and reduction == "prod":
        for place in reversed(made.reduced):
            yield REDUCTIONS[reduction], (place,)
    elif made.reduced:
        yield REDUCTIONS[reduction], (made.reduced,)
    if made.order != tuple(range(len(made.order))):
        yield "permute", (made.order,)
    if made.made:
        for place in made.made:
            yield "unsqueeze", (place,)
        yield "expand", (tuple([sizes[key] for keys in made.given for key in keys]),)
    if any(len(keys) != 1 for keys in made.given):
        yield "reshape", (tuple([_product(keys, sizes) for keys in made.given]),)


def _product(keys: Keys, sizes: Mapping[str, Any]) -> Any:
    total: Any = 1
    for place, key in enumerate(keys):
        total = total * sizes[key] if place else sizes[key]
    return total


def steps(made: Moves, sizes: Mapping[str, Any], reduction: str) -> tuple[Step, ...]:
    """The plain steps, as `calls` tells them."""
    return tuple(Step(method, arguments) for method, arguments in calls(made, sizes, reduction))
