"""`Layout`: a pattern against tensors of one rank, with dims on the sides on which its operation has them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property, lru_cache

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.judge import Misfit
from namedtorch.ops.pattern_moves import Moves, moves
from namedtorch.ops.pattern_sides import Composed, Part, Several, Side, bad, read_sides


@dataclass(frozen=True)
class Layout:
    """A pattern against a tensor of one rank: the dims of each axis that it takes, and of each axis of the result."""

    taken: tuple[Composed, ...]
    given: tuple[Composed, ...]

    @cached_property
    def written(self) -> dict[str, int]:
        """The sizes that stand in the pattern."""
        return {
            part.key: part.size
            for composed in (*self.given, *self.taken)
            for part in composed
            if part.size is not Unknown
        }

    @cached_property
    def moves(self) -> Moves:
        """How the axes are taken apart and put together."""
        return moves(_keys(self.taken), _keys(self.given), self.written)


def _keys(axes: tuple[Composed, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(part.key for part in composed) for composed in axes)


@lru_cache(maxsize=1024)
def layout(operation: str, pattern: str, sized: tuple[str, ...], rank: int) -> Layout:
    """The layout of a pattern for tensors of a rank. Raises `Misfit` where it is none of the operation, or of the rank.

    `sized` are the names that sizes are given for.
    """
    left, right = read_sides(pattern)
    _check(operation, left, right, sized)
    several = left.several
    count = len(left.axes) - (several is not Unknown)
    if rank < count or (rank > count and several is Unknown):
        least = "at least " if several is not Unknown else ""
        raise Misfit(
            "rank-unfit",
            f"the left side of the pattern, `{left.text}`, is of {least}{count} {'axis' if count == 1 else 'axes'}, "
            f"and `input` has {rank}",
            "input",
        )
    spread = tuple((Part(f"... {place}"),) for place in range(rank - count))
    return Layout(_spread(left, spread), _spread(right, spread))


def _spread(side: Side, spread: tuple[Composed, ...]) -> tuple[Composed, ...]:
    axes: list[Composed] = []
    for axis in side.axes:
        axes.extend(spread if isinstance(axis, Several) else (axis,))
    return tuple(axes)


# Which dims stand on which side


def _check(operation: str, left: Side, right: Side, sized: Collection[str]) -> None:
    """Raises `Misfit` where a dim stands on a side on which the operation does not have it."""
    mine, other = left.keys, right.keys
    gone = [key for key in mine if key not in other]
    new = [key for key in other if key not in mine]
    _check_unnamed(operation, left, right)
    if operation == "reduce":
        _refuse_new(new, other, gone, mine, "`reduce` makes no dims, `repeat` does")
    else:
        _refuse_gone(gone, mine, new, other)
    if operation == "rearrange":
        _refuse_new(new, other, gone, mine, "`rearrange` makes no dims, `repeat` does")
    if operation == "repeat":
        _check_sizes(new, other, right, sized)
    named = {part.name for side in (left, right) for part in side.parts}
    for name in sized:
        if name not in named:
            raise bad(
                f"`{name}` is given a size, but the pattern has no such dim", _meant(name, {**mine, **other})
            )


def _check_unnamed(operation: str, left: Side, right: Side) -> None:
    """Numbers are dims without a name that are reduced on the left, or made on the right."""
    for side, allowed in ((left, "reduce"), (right, "repeat")):
        for part in side.parts:
            if part.name is Unknown and part.size is not Unknown and operation != allowed:
                raise bad(
                    f"`{side.text}`: `{operation}` takes no {part} without a name", f"name it: `C={part}`"
                )
    mine, other = (sum(key.startswith("_") for key in side.keys) for side in (left, right))
    if mine != other and not (operation == "reduce" and other == 0):
        raise bad(
            f"the left side has {mine} `_`, and the right side {other}",
            "they stand for each other in their order; name those that move",
        )


def _refuse_gone(
    gone: Sequence[str], mine: Mapping[str, str], new: Sequence[str], other: Mapping[str, str]
) -> None:
    if gone:
        help = _meant(gone[0], {key: other[key] for key in new}) or "`reduce` leaves dims out"
        raise bad(f"`{mine[gone[0]]}` is lost: it stands on the left side only", help)


def _refuse_new(
    new: Sequence[str], other: Mapping[str, str], gone: Sequence[str], mine: Mapping[str, str], otherwise: str
) -> None:
    if new:
        help = _meant(new[0], {key: mine[key] for key in gone}) or otherwise
        raise bad(f"`{other[new[0]]}` stands on the right side only", help)


def _check_sizes(new: Sequence[str], other: Mapping[str, str], right: Side, sized: Collection[str]) -> None:
    written = {part.key for part in right.parts if part.size is not Unknown}
    for key in new:
        if key.startswith(("...", "*")):
            raise bad(
                f"`{other[key]}` stands on the right side only",
                "it stands for the axes that it took on the left",
            )
        if key not in written and key not in sized:
            raise bad(f"`{key}` is new, and has no size", f"give one: `{key}=3`, in the pattern or behind it")


def _meant(name: str, others: Mapping[str, str]) -> str:
    close = get_close_matches(name, list(others), 1, 0.6) or [
        one for one in others if one.lower() == name.lower()
    ]
    return f"did you mean `{others[close[0]]}`?" if close else ""
