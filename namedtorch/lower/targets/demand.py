"""What an exported program asks of a dim that its signature leaves free."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from namedtorch.lower.targets.roots import Linear
from namedtorch.lower.targets.user_lines import UserLine

_LARGEST_DIVISOR = 64

Kind = Literal["fixed", "tied", "least", "most", "multiple", "other"]


@dataclass(frozen=True, slots=True)
class Demand:
    """What a program asks of a dim that is free.

    `bad` are values of the dim's root that it leaves out, nearest ones first; `bound` is the first or last that it
    takes, `divisor` what it takes multiples of, from `bound` on. `stated` is what says of another dim that goes with
    it, or a condition that torch has noted. `is_static` tells that the graph has the size as a constant, `is_of_one`
    that torch noted something that was of size 1; `line` is the user's line for it. `control` is a value that it takes,
    near to those that it leaves out.
    """

    dim: str
    root: str
    linear: Linear
    kind: Kind
    own: int
    bad: tuple[int, ...]
    bound: int | None = None
    divisor: int = 1
    stated: str = ""
    is_static: bool = False
    is_of_one: bool = False
    line: UserLine | None = None
    control: int | None = None

    @property
    def text(self) -> str:
        """The demand as constraints; "" where none says it."""
        least = "" if self.bound is None else f"{self.dim} >= {self._size(self.bound)}"
        match self.kind:
            case "fixed":
                return f"{self.dim} == {self._size(self.own)}"
            case "tied" | "other":
                return self.stated
            case "least":
                return least
            case "most":
                assert self.bound is not None
                return f"{self.dim} <= {self._size(self.bound)}"
            case "multiple":
                whole = self.divisor * self.linear.factor
                text = f"{self.dim} % {whole} == {self._size(self.own) % whole}"
                return f"{text}, {least}" if least else text

    @property
    def alike(self) -> tuple[int, ...]:
        """Those of `bad` that are multiples, and too small."""
        if self.kind != "multiple":
            return ()
        return tuple(one for one in self.bad if (one - self.own) % self.divisor == 0)

    def _size(self, value: int) -> int:
        return self.linear.factor * value + self.linear.offset


def shaped(demand: Demand, good: Sequence[int], bad: Sequence[int]) -> Demand:
    """The demand, with what holds for the good values of its root and for no bad one."""
    least, most = min(good), max(good)
    if max(bad) < least:
        return replace(demand, kind="least", bound=least)
    if min(bad) > most:
        return replace(demand, kind="most", bound=most)
    for divisor in range(2, _LARGEST_DIVISOR + 1):
        if len({value % divisor for value in good}) == 1:
            alike = [value for value in bad if (value - least) % divisor == 0]
            if all(value < least for value in alike):
                return replace(demand, kind="multiple", divisor=divisor, bound=least if alike else None)
    return demand


def tied(dim: str, linear: Linear, other: str, its: Linear, ratio: tuple[int, int]) -> str:
    """That two dims go together, as a constraint."""
    if (linear.factor, linear.offset, its.factor, its.offset) != (1, 0, 1, 0):
        return ""
    one, two = ratio
    if one == 1:
        return f"{other} == {dim}" if two == 1 else f"{other} == {two}*{dim}"
    return f"{dim} == {one}*{other}" if two == 1 else f"{two}*{dim} == {one}*{other}"
