"""Between which numbers a polynomial lies when its symbols lie between known ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Final

from namedtorch.dims.polynomial import Atom, Compound, Polynomial


@dataclass(frozen=True, slots=True)
class Interval:
    """All integers from `low` to `high`, both included; infinite at either end by `math.inf`."""

    low: float
    high: float

    @staticmethod
    def around(low: float, high: float) -> "Interval":
        """The interval, wider where an end is too far out to be reckoned with."""
        return Interval(
            -inf if low < -_FAR else min(low, _FAR),
            inf if high > _FAR else max(high, -_FAR),
        )

    def plus(self, other: "Interval") -> "Interval":
        """The sums of a number of each."""
        return Interval.around(self.low + other.low, self.high + other.high)

    def times(self, other: "Interval") -> "Interval":
        """The products of a number of each."""
        corners = [_product(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval.around(min(corners), max(corners))

    def power(self, exponent: int) -> "Interval":
        """The powers of each number; the exponent is at least 1."""
        low, high = _power(self.low, exponent), _power(self.high, exponent)
        if exponent % 2 or self.low >= 0:
            return Interval.around(low, high)
        return Interval.around(0 if self.high >= 0 else high, max(low, high))

    def quotient(self, divisor: "Interval") -> "Interval":
        """The floor quotients of a number of each, where the divisor is not zero."""
        if divisor.low < 1:
            return EVERYTHING
        corners = [_quotient(a, b) for a in (self.low, self.high) for b in (divisor.low, divisor.high)]
        return Interval.around(min(corners), max(corners))

    def remainder(self, divisor: "Interval") -> "Interval":
        """What is left of a number of this by one of the divisor, where that is not zero."""
        if divisor.low < 0:
            return EVERYTHING
        if self.low >= 0:
            return Interval(0, min(self.high, divisor.high - 1))
        return Interval(0, divisor.high - 1)


# Past this an end of an interval is rounded outwards: infinity is a float, and longer numbers can't join it.
_FAR: Final = 2**256

EVERYTHING: Final = Interval(-inf, inf)
NATURAL: Final = Interval(0, inf)
POSITIVE: Final = Interval(1, inf)


def interval(polynomial: Polynomial, symbols: Mapping[str, Interval], otherwise: Interval) -> Interval:
    """Numbers that enclose every value of a polynomial, not always closely.

    `otherwise` is where a symbol lies that `symbols` does not hold. An assignment that divides by zero does
    not count.
    """
    result = Interval(0, 0)
    for monomial, number in polynomial.terms:
        term = Interval(number, number)
        for atom, exponent in monomial:
            term = term.times(atom_interval(atom, symbols, otherwise).power(exponent))
        result = result.plus(term)
    return result


def atom_interval(atom: Atom, symbols: Mapping[str, Interval], otherwise: Interval) -> Interval:
    """Numbers that enclose every value of an atom."""
    if not isinstance(atom, Compound):
        return symbols.get(atom, otherwise)
    parts = [interval(operand, symbols, otherwise) for operand in atom.operands]
    match atom.operator:
        case "//":
            return parts[0].quotient(parts[1])
        case "%":
            return parts[0].remainder(parts[1])
        case "min":
            return Interval(min(part.low for part in parts), min(part.high for part in parts))
        case "max":
            return Interval(max(part.low for part in parts), max(part.high for part in parts))


def _product(left: float, right: float) -> float:
    # An infinite end stands for arbitrarily large numbers, so zero of them are zero.
    return 0 if left == 0 or right == 0 else left * right


def _power(number: float, exponent: int) -> float:
    if number in (inf, -inf):
        return inf if number > 0 or exponent % 2 == 0 else -inf
    return number**exponent


def _quotient(number: float, divisor: float) -> float:
    if number in (inf, -inf):
        return number
    if divisor == inf:
        return 0 if number >= 0 else -1
    return number // divisor
