"""The canonical form of floor-div, mod, min and max.

Every rule keeps the value at all assignments of natural numbers at which the written text has one: a divisor
is cancelled only where it can't be zero, or where zero could not have been divided by in the first place.
"""

from collections.abc import Iterator, Mapping
from math import gcd
from typing import Final

from namedtorch.dims.bounds import NATURAL, POSITIVE, Interval, interval
from namedtorch.dims.polynomial import (
    Atom,
    Compound,
    Monomial,
    Operator,
    Polynomial,
    SizeLimitError,
    common,
    divides,
    over,
)
from namedtorch.dims.unknown import Unknown, UnknownType

MAX_OPERANDS: Final = 16
_ZERO: Final = Polynomial.constant(0)


def quotient(number: Polynomial, divisor: Polynomial) -> Polynomial:
    """`number // divisor`, rounded down as in Python. Raises `ZeroDivisionError` for the divisor 0."""
    number, divisor, _ = _oriented(number, divisor)
    if divisor.is_constant and number.is_constant:
        return Polynomial.constant(number.offset // divisor.offset)
    factor, scale = _single_term(divisor)
    if not scale or not _positive(divisor):
        return _general_quotient(number, divisor)
    whole, rest = _split(number, factor, scale)
    if not rest.terms:
        return whole
    shared, scaled = common(factor, rest.common_factor), gcd(scale, rest.content)
    if scaled > 1 or shared:
        smaller = _floored(rest, scaled, shared)
        return whole.plus(quotient(smaller, divisor.over(scaled, shared)))
    inner = _lone_quotient(rest)
    if inner is not Unknown:
        # floor((floor(a / b) + c) / d) is floor((a + b*c) / (b*d)) for every positive integer d.
        top, bottom = inner.operands
        merged = top.plus(bottom.scaled(rest.offset))
        return whole.plus(quotient(merged, bottom.times(divisor)))
    span = interval(rest, {}, NATURAL).quotient(Interval(scale, scale))
    if divisor.is_constant and span.low == span.high:
        return whole.plus(Polynomial.constant(int(span.low)))
    return whole.plus(Polynomial.atom(Compound("//", (rest, divisor))))


def remainder(number: Polynomial, divisor: Polynomial) -> Polynomial:
    """`number % divisor`, signed as in Python. Raises `ZeroDivisionError` for the divisor 0."""
    number, divisor, sign = _oriented(number, divisor)
    if sign < 0:
        return remainder(number, divisor).scaled(-1)
    if divisor.is_constant and number.is_constant:
        return Polynomial.constant(number.offset % divisor.offset)
    factor, scale = _single_term(divisor)
    if not scale or not _positive(divisor):
        return _general_remainder(number, divisor)
    rest = _reduced(number, factor, scale)
    if not rest.terms:
        return rest
    shared, scaled = common(factor, rest.common_factor), gcd(scale, rest.content)
    if scaled > 1 or shared:
        # (g*x + c) % (g*d) is g*(x % d) + c for 0 <= c < g.
        smaller = _floored(rest, scaled, shared)
        inner = remainder(smaller, divisor.over(scaled, shared))
        scale_back = Polynomial.term(shared, scaled)
        return inner.times(scale_back).plus(Polynomial.constant(rest.offset % scaled))
    span = interval(rest, {}, NATURAL).quotient(Interval(scale, scale))
    if divisor.is_constant and span.low == span.high:
        return rest.plus(divisor, -int(span.low))
    return Polynomial.atom(Compound("%", (rest, divisor)))


def exact_quotient(number: Polynomial, divisor: Polynomial) -> Polynomial | UnknownType:
    """The polynomial that gives `number` when multiplied by the divisor, or `Unknown` where there is none."""
    if not divisor.terms:
        return Unknown
    lead, scale = divisor.terms[0]
    result = _ZERO
    while number.terms:
        monomial, value = number.terms[0]
        if value % scale or not divides(lead, monomial):
            return Unknown
        step = Polynomial.term(over(monomial, lead), value // scale)
        result = result.plus(step)
        number = number.minus(step.times(divisor))
    return result


def _oriented(number: Polynomial, divisor: Polynomial) -> tuple[Polynomial, Polynomial, int]:
    """Both with their signs changed where the divisor is all negative, and the sign of the divisor."""
    if not divisor.terms:
        raise ZeroDivisionError("a size is divided by zero")
    if divisor.is_negated:
        return number.scaled(-1), divisor.scaled(-1), -1
    return number, divisor, 1


def _positive(divisor: Polynomial) -> bool:
    # At 0 of a symbol the divisor may be 0, since the written division then has no value to keep.
    return _nonzero(divisor) and interval(divisor, {}, NATURAL).low >= 0


def _nonzero(divisor: Polynomial) -> bool:
    return interval(divisor, {}, POSITIVE).low >= 1


def _single_term(divisor: Polynomial) -> tuple[Monomial, int]:
    return divisor.terms[0] if len(divisor.terms) == 1 else ((), 0)


def _split(number: Polynomial, factor: Monomial, scale: int) -> tuple[Polynomial, Polynomial]:
    """The part of `number // divisor` that is exact, and the rest of the number."""
    whole: dict[Monomial, int] = {}
    rest: dict[Monomial, int] = {}
    for monomial, value in number.terms:
        if not divides(factor, monomial):
            rest[monomial] = value
        elif not monomial:
            whole[()], rest[()] = divmod(value, scale)
        elif value % scale == 0:
            whole[over(monomial, factor)] = value // scale
        else:
            rest[monomial] = value
    return Polynomial(whole), Polynomial(rest)


def _reduced(number: Polynomial, factor: Monomial, scale: int) -> Polynomial:
    """A number with the same remainder by the divisor, its coefficients reduced."""
    rest: dict[Monomial, int] = {}
    unwrapped = _ZERO
    for monomial, value in number.terms:
        atom = monomial[0][0] if len(monomial) == 1 and monomial[0][1] == 1 else ""
        if isinstance(atom, Compound) and atom.operator == "%" and not factor:
            inner, modulus = atom.operands
            if modulus.is_constant and modulus.offset % scale == 0:
                unwrapped = unwrapped.plus(inner, value)
                continue
        rest[monomial] = value % scale if divides(factor, monomial) else value
    if unwrapped.terms:
        return _reduced(unwrapped.plus(Polynomial(rest)), factor, scale)
    return Polynomial(rest)


def _floored(number: Polynomial, scale: int, factor: Monomial) -> Polynomial:
    # Only the constant may leave a remainder, and less than the new divisor's unit never reaches a floor.
    return number.minus(Polynomial.constant(number.offset % scale)).over(scale, factor)


def _lone_quotient(number: Polynomial) -> Compound | UnknownType:
    """The floor-div that a number is, save for an added constant."""
    atom = number.minus(Polynomial.constant(number.offset)).single_atom()
    return atom if isinstance(atom, Compound) and atom.operator == "//" else Unknown


def _general_quotient(number: Polynomial, divisor: Polynomial) -> Polynomial:
    if _nonzero(divisor):
        exact = exact_quotient(number, divisor)
        if exact is not Unknown:
            return exact
    return Polynomial.atom(Compound("//", _without_content(number, divisor)[:2]))


def _general_remainder(number: Polynomial, divisor: Polynomial) -> Polynomial:
    if _nonzero(divisor) and exact_quotient(number, divisor) is not Unknown:
        return _ZERO
    number, divisor, shared = _without_content(number, divisor)
    return Polynomial.atom(Compound("%", (number, divisor))).times(shared)


def _without_content(number: Polynomial, divisor: Polynomial) -> tuple[Polynomial, Polynomial, Polynomial]:
    """Both without a positive factor that they share, and that factor."""
    scale = gcd(number.content, number.offset, divisor.content, divisor.offset)
    shared = common(number.common_factor, divisor.common_factor) if number.terms else ()
    factor = tuple((atom, exponent) for atom, exponent in shared if isinstance(atom, str))
    return number.over(scale, factor), divisor.over(scale, factor), Polynomial.term(factor, scale)


def minimum(*numbers: Polynomial) -> Polynomial:
    """The least of one or more polynomials."""
    return _extremum("min", 1, numbers)


def maximum(*numbers: Polynomial) -> Polynomial:
    """The greatest of one or more polynomials."""
    return _extremum("max", -1, numbers)


def _extremum(operator: Operator, sign: int, numbers: tuple[Polynomial, ...]) -> Polynomial:
    kept: list[Polynomial] = []
    for number in dict.fromkeys(_flattened(operator, numbers)):
        if any(_never_above(other, number, sign) for other in kept):
            continue
        kept = [other for other in kept if not _never_above(number, other, sign)]
        kept.append(number)
        if len(kept) > MAX_OPERANDS:
            raise SizeLimitError(f"a {operator} of sizes has more than {MAX_OPERANDS} operands")
    if len(kept) == 1:
        return kept[0]
    ordered = sorted(kept, key=lambda number: (number.is_constant, number.key))
    return Polynomial.atom(Compound(operator, tuple(ordered)))


def _flattened(operator: Operator, numbers: tuple[Polynomial, ...]) -> Iterator[Polynomial]:
    for number in numbers:
        atom = number.single_atom()
        if isinstance(atom, Compound) and atom.operator == operator:
            yield from atom.operands
        else:
            yield number


def _never_above(left: Polynomial, right: Polynomial, sign: int) -> bool:
    """Whether `left <= right` holds for all natural symbols; `left >= right` for the sign -1."""
    return interval(left.minus(right).scaled(sign), {}, NATURAL).high <= 0


def combined(operator: str, operands: list[Polynomial]) -> Polynomial:
    """The canonical floor-div, mod, min or max of polynomials."""
    match operator, operands:
        case "//", [number, divisor]:
            return quotient(number, divisor)
        case "%", [number, divisor]:
            return remainder(number, divisor)
        case "min", [_, *_]:
            return minimum(*operands)
        case "max", [_, *_]:
            return maximum(*operands)
        case _:
            raise ValueError(f"not a size: {operator!r:.20} of {len(operands)} sizes")


def substituted(polynomial: Polynomial, parts: Mapping[Atom, Polynomial]) -> Polynomial:
    """A polynomial with others in place of atoms, at any depth."""
    if polynomial.parts.isdisjoint(parts):
        return polynomial
    result = _ZERO
    for monomial, number in polynomial.terms:
        term = Polynomial.constant(number)
        for atom, exponent in monomial:
            part = parts.get(atom)
            if part is None:
                part = _rebuilt(atom, parts)
            term = term.times(part.power(exponent))
        result = result.plus(term)
    return result


def _rebuilt(atom: Atom, parts: Mapping[Atom, Polynomial]) -> Polynomial:
    if not isinstance(atom, Compound):
        return Polynomial.atom(atom)
    return combined(atom.operator, [substituted(operand, parts) for operand in atom.operands])
