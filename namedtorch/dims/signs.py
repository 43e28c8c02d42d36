"""Whether a polynomial is positive at all assignments, and the rewriting that shows it."""

from collections.abc import Mapping
from typing import Final, Literal

from namedtorch.dims.bounds import NATURAL, POSITIVE, Interval, interval
from namedtorch.dims.polynomial import Atom, Compound, Monomial, Polynomial
from namedtorch.dims.unknown import Unknown, UnknownType

_MAX_ROUNDS: Final = 6
_ONE: Final = Polynomial.constant(1)
_ZERO: Final = Polynomial.constant(0)


def surely_positive(polynomial: Polynomial, symbols: Mapping[str, Interval]) -> bool:
    """Whether a polynomial is 1 or more at all assignments; False where that is not found out.

    A symbol is at least 1, and lies where `symbols` says.
    """
    if not polynomial.compounds:
        return _positive_when_shifted(polynomial, symbols)
    if interval(polynomial, symbols, POSITIVE).low >= 1:
        return True
    return any(_positive_when_relaxed(polynomial, symbols, loose) for loose in (False, True))


def multiplied_out(
    polynomial: Polynomial, atom: Atom, divisor: Polynomial, raised: Polynomial, lowered: Polynomial
) -> Polynomial | UnknownType:
    """`divisor` times a polynomial, where `divisor` times `atom` is replaced by another polynomial.

    `raised` replaces it in the terms whose coefficient is positive, `lowered` in those whose is negative. `Unknown`
    where the atom stands in a higher power.
    """
    without: dict[Monomial, int] = {}
    positive: dict[Monomial, int] = {}
    negative: dict[Monomial, int] = {}
    for monomial, number in polynomial.terms:
        exponent = dict(monomial).get(atom, 0)
        if exponent > 1:
            return Unknown
        rest = tuple(factor for factor in monomial if factor[0] != atom)
        terms = without if not exponent else positive if number > 0 else negative
        terms[rest] = number
    return (
        Polynomial(without)
        .times(divisor)
        .plus(Polynomial(positive).times(raised))
        .plus(Polynomial(negative).times(lowered))
    )


def _positive_when_relaxed(polynomial: Polynomial, symbols: Mapping[str, Interval], loose: bool) -> bool:
    """Whether it is positive with every compound replaced by a polynomial that bounds it."""
    for _ in range(_MAX_ROUNDS):
        if not polynomial.compounds:
            return _positive_when_shifted(polynomial, symbols)
        atom = polynomial.compounds[0]
        if not _is_weighed_naturally(polynomial, atom, symbols):
            return False
        divisor = _ONE
        if atom.operator == "//":
            divisor = atom.operands[1]
            if interval(divisor, symbols, POSITIVE).low < 1:
                return False
        below = _bound(atom, symbols, "below", loose)
        above = _bound(atom, symbols, "above", loose)
        # A bound that the coefficients never call for may be missing.
        numbers = [number for monomial, number in polynomial.terms if atom in dict(monomial)]
        if (below is Unknown and max(numbers) > 0) or (above is Unknown and min(numbers) < 0):
            return False
        lower = multiplied_out(
            polynomial,
            atom,
            divisor,
            _ZERO if below is Unknown else below,
            _ZERO if above is Unknown else above,
        )
        if lower is Unknown:
            return False
        polynomial = lower
    return False


def _is_weighed_naturally(polynomial: Polynomial, atom: Atom, symbols: Mapping[str, Interval]) -> bool:
    """Whether what the atom is multiplied with is never negative, save for the coefficients."""
    for monomial, _ in polynomial.terms:
        factors = dict(monomial)
        if factors.pop(atom, 0) and factors:
            rest = Polynomial.term(tuple(factors.items()))
            if interval(rest, symbols, POSITIVE).low < 0:
                return False
    return True


def _bound(
    atom: Compound, symbols: Mapping[str, Interval], side: Literal["below", "above"], loose: bool
) -> Polynomial | UnknownType:
    """A polynomial on one side of an atom; of `divisor * atom` for a floor-div by a positive divisor."""
    first, last = atom.operands[0], atom.operands[-1]
    natural = interval(first, symbols, POSITIVE).low >= 0
    match atom.operator, side:
        case "//", "below":
            return _ZERO if loose and natural else first.minus(last).plus(_ONE)
        case "//", "above":
            return first
        case "%", _ if interval(last, symbols, POSITIVE).low < 1:
            return Unknown
        case "%", "below":
            return _ZERO
        case "%", "above":
            return first if loose and natural else last.minus(_ONE)
        case ("min", "above") | ("max", "below"):
            return last if loose else first
        case _:
            span = interval(Polynomial.atom(atom), symbols, POSITIVE)
            end = span.low if side == "below" else span.high
            return Polynomial.constant(end) if isinstance(end, int) else Unknown


def _positive_when_shifted(polynomial: Polynomial, symbols: Mapping[str, Interval]) -> bool:
    """Whether a polynomial of symbols is positive, each symbol written as 1 and a natural number."""
    shifted = _ZERO
    for monomial, number in polynomial.terms:
        term = Polynomial.constant(number)
        for atom, exponent in monomial:
            term = term.times(Polynomial.atom(atom).plus(_ONE).power(exponent))
        shifted = shifted.plus(term)
    beyond = {name: Interval(span.low - 1, span.high - 1) for name, span in symbols.items()}
    return interval(shifted, beyond, NATURAL).low >= 1
