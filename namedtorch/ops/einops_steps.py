"""Patterns of einops in plain torch: the steps that people write, and the equations that torch takes.

Source: https://github.com/arogozhnikov/einops/blob/v0.8.2/einops/einops.py
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.contraction import lettered
from namedtorch.ops.einops import CODE, check_reduction
from namedtorch.ops.einops_pattern import (
    ELLIPSIS,
    Expression,
    Factor,
    Number,
    check_names,
    read_einsum,
    read_pattern,
    spoken,
)
from namedtorch.ops.judge import Misfit
from namedtorch.ops.pattern_moves import Keys, moves
from namedtorch.ops.pattern_steps import held, written_steps
from namedtorch.ops.patterns import takes_all
from namedtorch.ops.recipes import Held, Step
from namedtorch.ops.tensor_shape import Undetermined
from namedtorch.ops.tidy_steps import PERMUTE, tidied
from namedtorch.ops.trailing_steps import from_right

TRANSFORMS: Final[Mapping[str, str]] = {f"einops.{one}": one for one in ("rearrange", "reduce", "repeat")}
"""What the functions that have a pattern for one tensor do with it."""

PRODUCT: Final = "einops.einsum"
"""The function that has a pattern for several tensors."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a pattern does to a tensor of `rank` axes; the sizes that the call gives are symbols of their names.

    `held` are sizes that no step asks for. Where it is `trailing`, others may stand in front of these axes, and places
    count from the right.
    """

    rank: int
    steps: tuple[Step, ...]
    held: tuple[Held, ...]
    trailing: bool = False

    @property
    def fails_by_rank(self) -> bool:
        """Whether the steps fail on any tensor of another rank: each of those before it keeps the difference."""
        return any(one.method == PERMUTE for one in self.steps)


def written(
    operation: str,
    pattern: str,
    given: Collection[str],
    reduction: str = "",
    rank: int | UnknownType = Unknown,
) -> Written:
    """What a pattern does. `given` are the names that the call gives sizes, `rank` is that of the tensor.

    Raises `Misfit` for what einops refuses, and `Undetermined` for a pattern of any number of axes without the rank,
    unless they are the first ones and stay so.
    """
    left, right = read_pattern(pattern)
    check_names(operation, left, right, given)
    if operation == "reduce":
        check_reduction(reduction)
    count = sum(isinstance(one, tuple) for one in left.axes)
    trailing = left.open and rank is Unknown
    if trailing and not left.axes[0] == (right.axes or (Unknown,))[0] == ELLIPSIS:
        raise Undetermined
    if rank is Unknown:
        rank = count
    if rank < count or (rank > count and not left.open):
        raise Misfit(
            "rank-unfit", f"the left side of the pattern, `{left.text.strip()}`, is of {count} axes", "tensor"
        )
    keys = _Keys(tuple(f"{ELLIPSIS} {place}" for place in range(rank - count)))
    taken, result = keys.of(left), keys.of(right)
    sizes = {name: Size.symbol(name) for name in given} | keys.numbers
    for composed, axis in zip(taken, keys.spread_out(left), strict=True):
        if len(composed) > 1 and sum(one not in sizes for one in composed) > 1:
            raise Misfit(CODE, f"the sizes of `{spoken(axis)}` can't be told: give all but one", "tensor")
    made = moves(taken, result, {})
    checked = tuple(held(made, sizes))
    if trailing:
        steps = from_right(written_steps(made, sizes, reduction, lambda _: False), rank)
        return Written(rank, steps, tuple(replace(one, place=one.place - rank) for one in checked), trailing)
    return Written(rank, tidied(written_steps(made, sizes, reduction, takes_all), rank), checked)


def equation(pattern: str) -> str:
    """The equation that torch takes for a pattern of several tensors. Raises `Misfit`."""
    return lettered(read_einsum(pattern), telling=True)


class _Keys:
    """What tells the dims of both sides: their names, and a text of its own for each number."""

    def __init__(self, spread: Keys) -> None:
        self.numbers: dict[str, Size] = {}
        self._spread = spread
        self._of: dict[Number, str] = {}

    def of(self, side: Expression) -> tuple[Keys, ...]:
        """The keys of each axis of a side."""
        return tuple(
            tuple(key for one in factors for key in self._keys(one)) for factors in self.spread_out(side)
        )

    def spread_out(self, side: Expression) -> list[tuple[Factor, ...]]:
        """The factors of each axis of a side."""
        found: list[tuple[Factor, ...]] = []
        for one in side.axes:
            found += [(key,) for key in self._spread] if isinstance(one, str) else [one]
        return found

    def _keys(self, factor: Factor) -> Keys:
        if isinstance(factor, str):
            return self._spread if factor == ELLIPSIS else (factor,)
        if factor not in self._of:
            self._of[factor] = f"{len(self._of)} {factor}"
            self.numbers[self._of[factor]] = Size.constant(factor.value)
        return (self._of[factor],)
