"""`Ratio`: a quotient of products of sizes, as factors with exponents, so that common factors cancel."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from math import gcd
from typing import TypeAlias

from namedtorch.dims.polynomial import Atom, Compound, Polynomial, SizeLimitError, divides, over
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType

Factor: TypeAlias = "Atom | Polynomial"
"""What is not taken apart: a symbol, a floor-div, mod, min or max, or a sum."""

_MAX_STEPS = 64


@dataclass(frozen=True)
class Ratio:
    """A positive number times factors with exponents, which may be negative.

    Where `exact` is asked for, every `//` counts as a division without a rest: `T//2` times 2 is `T`. That is what the
    author of a view means, which torch refuses where there is a rest.
    """

    number: Fraction
    powers: frozenset[tuple[Factor, int]]

    @staticmethod
    def of(size: Size, *, exact: bool = False) -> "Ratio":
        """A size as a ratio. Raises `ValueError` for one that is not surely positive in form: 0, or `2 - n`."""
        return _of(size.polynomial, exact)

    def times(self, other: "Ratio") -> "Ratio":
        """The product."""
        powers: dict[Factor, int] = dict(self.powers)
        for factor, exponent in other.powers:
            powers[factor] = powers.get(factor, 0) + exponent
        return _ratio(self.number * other.number, powers)

    def over(self, other: "Ratio") -> "Ratio":
        """The quotient."""
        return self.times(other.inverse)

    @cached_property
    def inverse(self) -> "Ratio":
        """1 divided by this."""
        return Ratio(1 / self.number, frozenset((factor, -exponent) for factor, exponent in self.powers))

    @property
    def is_one(self) -> bool:
        """Whether everything cancels."""
        return self.number == 1 and not self.powers

    @property
    def is_number(self) -> bool:
        """Whether no symbol is left."""
        return not self.powers

    @property
    def is_whole(self) -> bool:
        """Whether it is a product of sizes: nothing is left to divide by."""
        return self.number.denominator == 1 and all(exponent > 0 for _, exponent in self.powers)

    @property
    def top(self) -> Size:
        """What is divided. Raises `SizeLimitError`."""
        return _size(self.number.numerator, self.powers, 1)

    @property
    def bottom(self) -> Size:
        """What it is divided by. Raises `SizeLimitError`."""
        return _size(self.number.denominator, self.powers, -1)

    @property
    def plain_symbols(self) -> bool:
        """Whether all of its factors are symbols."""
        return all(isinstance(factor, str) for factor, _ in self.powers)


ONE = Ratio(Fraction(1), frozenset())


def product_of(sizes: Iterable[Size], *, exact: bool = False) -> Ratio:
    """The product of sizes. Raises `ValueError` as `Ratio.of`."""
    return reduce(Ratio.times, (Ratio.of(size, exact=exact) for size in sizes), ONE)


def quotient(ratio: Ratio) -> Size | UnknownType:
    """A ratio that is known to be a size: its top divided by its bottom, without a rest."""
    try:
        if ratio.is_whole:
            return ratio.top
        exact = _divided(ratio.top.polynomial, ratio.bottom.polynomial)
        return ratio.top // ratio.bottom if exact is Unknown else Size(exact)
    except (SizeLimitError, ZeroDivisionError):
        return Unknown


def _of(polynomial: Polynomial, exact: bool) -> Ratio:
    if not polynomial.terms:
        raise ValueError("a size of 0 has no ratio")
    monomial = polynomial.common_factor
    number = gcd(polynomial.content, polynomial.offset)
    rest = polynomial.over(number, monomial)
    if rest.is_constant:
        number, rest = number * rest.offset, Polynomial.constant(1)
    if number < 0 or rest.is_negated:
        raise ValueError("a negative size has no ratio")
    powers: dict[Factor, int] = {} if rest.is_constant else {rest: 1}
    result = _ratio(Fraction(number), powers)
    for atom, exponent in monomial:
        result = result.times(_power(_atom(atom, exact), exponent))
    return result


def _atom(atom: Atom, exact: bool) -> Ratio:
    if exact and isinstance(atom, Compound) and atom.operator == "//":
        top, bottom = atom.operands
        try:
            return _of(top, exact).over(_of(bottom, exact))
        except ValueError:
            pass
    return Ratio(Fraction(1), frozenset({(atom, 1)}))


def _power(ratio: Ratio, exponent: int) -> Ratio:
    return Ratio(
        ratio.number**exponent, frozenset((factor, power * exponent) for factor, power in ratio.powers)
    )


def _ratio(number: Fraction, powers: Mapping[Factor, int]) -> Ratio:
    return Ratio(number, frozenset((factor, exponent) for factor, exponent in powers.items() if exponent))


def _size(number: int, powers: Iterable[tuple[Factor, int]], sign: int) -> Size:
    result = Polynomial.constant(number)
    for factor, exponent in powers:
        if exponent * sign > 0:
            base = factor if isinstance(factor, Polynomial) else Polynomial.atom(factor)
            result = result.times(base.power(exponent * sign))
    return Size(result)


def _divided(number: Polynomial, by: Polynomial) -> Polynomial | UnknownType:
    """The exact quotient of two polynomials, by long division; `Unknown` where there is a rest."""
    lead, scale = by.terms[0]
    result = Polynomial.constant(0)
    for _ in range(_MAX_STEPS):
        if not number.terms:
            return result
        monomial, value = number.terms[0]
        if value % scale or not divides(lead, monomial):
            return Unknown
        step = Polynomial.term(over(monomial, lead), value // scale)
        result = result.plus(step)
        number = number.minus(step.times(by))
    return Unknown
