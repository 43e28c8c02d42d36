"""The patterns of einops as text: names, numbers and compositions on two sides of an arrow.

Source: https://github.com/arogozhnikov/einops/blob/v0.8.2/einops/parsing.py
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, TypeAlias

from namedtorch.ops.einsum import BAD, ELLIPSIS, Equation, Term, check_result
from namedtorch.ops.judge import Misfit

_TOKEN: Final = re.compile(r" *((?:\.\.\.|…|\w+)(?=[ ()]|$)|[()])")


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """An axis without a name, of this size; no two are the same axis."""

    value: int

    def __str__(self) -> str:
        return str(self.value)


Factor: TypeAlias = str | Number
"""What an axis is composed of."""

Composition: TypeAlias = tuple[Factor, ...]
"""What stands in parentheses; none of it is an axis of size 1."""


@dataclass(frozen=True, slots=True)
class Expression:
    """One side of a pattern: its axes, and `...` for any number of them."""

    text: str
    axes: tuple[Composition | str, ...]

    @property
    def open(self) -> bool:
        """Whether any number of axes stands in it, outside of parentheses."""
        return ELLIPSIS in self.axes

    @property
    def factors(self) -> list[Factor]:
        """Names and numbers in their order, the ellipsis among them."""
        found: list[Factor] = []
        for one in self.axes:
            found.extend(one if isinstance(one, tuple) else (one,))
        return found

    @property
    def names(self) -> set[str]:
        """The names, and the ellipsis."""
        return {one for one in self.factors if isinstance(one, str)}


def spoken(factors: Composition) -> str:
    """A composition as users write it."""
    text = " ".join(str(one) for one in factors)
    return text if len(factors) == 1 else f"({text})"


def read_pattern(text: str) -> tuple[Expression, Expression]:
    """Both sides of `b (h w) c -> b c h w`. Raises `Misfit`."""
    sides = text.split("->")
    if len(sides) != 2:
        raise _bad(f"`{text}` has to have one arrow `->`")
    left, right = (read_expression(one) for one in sides)
    return left, right


def read_expression(text: str, free: bool = False, several: bool = False) -> Expression:
    """One side of a pattern; `free` allows the name `_`, `several` a name twice. Raises `Misfit`."""
    axes: list[Composition | str] = []
    group: list[Factor] | None = None
    seen: set[str] = set()
    for token in _tokens(text):
        if token == "(":
            if group is not None:
                raise _bad(f"`{text.strip()}` has parentheses in parentheses")
            group = []
            continue
        if token == ")":
            if group is None:
                raise _bad(f"`{text.strip()}` closes a parenthesis that it does not open")
            axes.append(tuple(group))
            group = None
            continue
        if token in seen and not (several or (free and token == "_")):
            raise _bad(f"`{text.strip()}` has `{token}` twice")
        one = _factor(token, text, free)
        if one is None:
            if group is None:
                axes.append(())
            continue
        if isinstance(one, str):
            seen.add(one)
        if group is not None:
            group.append(one)
        else:
            axes.append(one if one == ELLIPSIS and isinstance(one, str) else (one,))
    if group is not None:
        raise _bad(f"`{text.strip()}` does not close its parenthesis")
    return Expression(text, tuple(axes))


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    place, end = 0, len(text.rstrip(" "))
    while place < end:
        token = _TOKEN.match(text, place)
        if token is None:
            unread = text[place:].strip()
            raise _bad(f"`{text.strip()}` holds `{unread}`, which no pattern does")
        found.append(ELLIPSIS if token[1] == "…" else token[1])
        place = token.end()
    return found


def _factor(token: str, text: str, free: bool) -> Factor | None:
    """A name, a number, or None for an axis of size 1."""
    if token == ELLIPSIS:
        return token
    if token.isdecimal():
        if int(token) == 0:
            raise _bad(f"`{text.strip()}` has an axis of size 0")
        return None if int(token) == 1 else Number(int(token))
    if not token.isidentifier() or ("_" in (token[0], token[-1]) and not (free and token == "_")):
        raise _bad(f"`{token}` is no name of an axis: one neither begins nor ends with an underscore")
    return token


def check_names(operation: str, left: Expression, right: Expression, given: Collection[str]) -> None:
    """Raises `Misfit` where a name stands on a side on which the operation does not have it."""
    if ELLIPSIS in left.factors and not left.open:
        raise _bad("on the left, no ellipsis stands in parentheses")
    gone, new = left.names - right.names, right.names - left.names
    if ELLIPSIS in new:
        raise _bad("only the right side has an ellipsis")
    numbers = [[str(one) for one in side.factors if isinstance(one, Number)] for side in (left, right)]
    match operation:
        case "rearrange":
            if numbers[0] or numbers[1]:
                raise _bad(f"`rearrange` takes no axis {(numbers[0] + numbers[1])[0]} without a name")
            _none(gone | new, "stands on one side only")
        case "repeat":
            _none([*gone, *numbers[0]], "stands on the left side only")
            _none(new - set(given), "is new, and has no size")
        case _:
            _none([*new, *numbers[1]], "stands on the right side only")
    _none(set(given) - (left.names | right.names), "is given, but does not stand in the pattern")


def _none(names: Collection[str], said: str) -> None:
    if names:
        raise _bad(f"`{min(names)}` {said}")


def read_einsum(text: str) -> Equation:
    """Reads the pattern of `einops.einsum`. Raises `Misfit`."""
    sides = text.split("->")
    if len(sides) != 2:
        raise _bad(f"`{text}` has to have one arrow `->`")
    operands = tuple(_term(read_expression(one, free=True, several=True)) for one in sides[0].split(","))
    result = _term(read_expression(sides[1], free=True))
    check_result(operands, result)
    return Equation(operands, result)


def _term(side: Expression) -> Term:
    names: list[str] = []
    for one in side.axes:
        name = one if isinstance(one, str) else one[0] if len(one) == 1 else None
        if not isinstance(name, str):
            raise _bad(f"`{side.text.strip()}`: an einsum takes names of single axes")
        names.append(name)
    return Term(side.text.strip(), tuple(names))


def _bad(detail: str) -> Misfit:
    return Misfit(BAD, detail, "pattern")
