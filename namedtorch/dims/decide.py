"""Whether two sizes are equal: always, never, or as the case may be."""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from functools import lru_cache
from math import lcm
from typing import Final

from namedtorch.dims.assumptions import Assumptions, Contradiction, Fact, relevant, stripped
from namedtorch.dims.bounds import POSITIVE, interval
from namedtorch.dims.canonical import quotient, substituted
from namedtorch.dims.constraint import Constraint
from namedtorch.dims.polynomial import Atom, Compound, Polynomial, SizeLimitError
from namedtorch.dims.signs import multiplied_out, surely_positive
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType

_MAX_CASES: Final = 40
_MAX_MODULUS: Final = 32
_ZERO: Final = Polynomial.constant(0)


class Answer(Enum):
    """The answer about two sizes, over all positive assignments that satisfy what is given."""

    EQUAL = "equal"
    """They are equal at every assignment."""
    DIFFERENT = "different"
    """They are equal at none."""
    UNKNOWN = "unknown"
    """Equal at some, or not found out."""


def decide(left: Size, right: Size, given: Iterable[Constraint] = ()) -> Answer:
    """Tells whether two sizes are equal for all positive symbols that satisfy the constraints, or for none.

    Assignments at which a size divides by zero do not count. Where no assignment satisfies the constraints, any
    answer is true. The work is bounded: `Answer.UNKNOWN` also says that the bound was met.
    """
    if left == right:
        return Answer.EQUAL
    if left.value is not Unknown and right.value is not Unknown:
        return Answer.DIFFERENT
    try:
        return _decided(left.polynomial.minus(right.polynomial), tuple(given))
    except SizeLimitError:
        return Answer.UNKNOWN


@lru_cache(maxsize=4096)
def _decided(difference: Polynomial, given: tuple[Constraint, ...]) -> Answer:
    try:
        return _Search().solve(difference, relevant(given, difference.symbols))
    except (Contradiction, SizeLimitError, ZeroDivisionError):
        return Answer.UNKNOWN


class _Search:
    """A proof by cases, bounded in the number of cases."""

    def __init__(self) -> None:
        self.left = _MAX_CASES

    def solve(self, difference: Polynomial, facts: Sequence[Fact]) -> Answer:
        """Whether a difference is zero. Raises `Contradiction` where no assignment satisfies the facts."""
        self.left -= 1
        if self.left < 0:
            return Answer.UNKNOWN
        assumptions = Assumptions.of(facts, difference.symbols)
        difference = stripped(assumptions.applied(difference))
        answer = _directly(difference, assumptions)
        if answer is not Answer.UNKNOWN:
            return answer
        cases = _extremum_cases(difference) or _residue_cases(difference)
        return self.all(difference, assumptions.facts, cases)

    def all(self, difference: Polynomial, facts: Sequence[Fact], cases: "Sequence[_Case]") -> Answer:
        """The answer that all cases share; a case that contradicts the facts has no say."""
        shared: Answer | UnknownType = Unknown
        for case in cases:
            try:
                answer = self.solve(*case(difference, facts))
            except Contradiction:
                continue
            if answer is Answer.UNKNOWN or (shared is not Unknown and answer is not shared):
                return Answer.UNKNOWN
            shared = answer
        if shared is Unknown:
            if cases:
                raise Contradiction
            return Answer.UNKNOWN
        return shared


_Case = Callable[[Polynomial, Sequence[Fact]], tuple[Polynomial, list[Fact]]]


def _case(parts: dict[Atom, Polynomial], extra: Sequence[Fact]) -> _Case:
    def apply(difference: Polynomial, facts: Sequence[Fact]) -> tuple[Polynomial, list[Fact]]:
        known = [Fact(fact.kind, substituted(fact.polynomial, parts)) for fact in facts]
        return substituted(difference, parts), [*known, *extra]

    return apply


def _extremum_cases(difference: Polynomial) -> list[_Case]:
    """One case for each operand of a min or max: that it is the least, or the greatest."""
    atoms = [
        atom for atom in difference.parts if isinstance(atom, Compound) and atom.operator in ("min", "max")
    ]
    if not atoms:
        return []
    atom = min(atoms, key=lambda atom: (atom.depth, atom.key))
    sign = 1 if atom.operator == "min" else -1
    return [
        _case(
            {atom: operand},
            [
                Fact("natural", other.minus(operand).scaled(sign))
                for other in atom.operands
                if other is not operand
            ],
        )
        for operand in atom.operands
    ]


def _residue_cases(difference: Polynomial) -> list[_Case]:
    """One case for each residue of a symbol that is divided by constants."""
    moduli: dict[str, int] = {}
    for atom in difference.parts:
        if isinstance(atom, Compound) and atom.operator in ("//", "%") and atom.operands[1].is_constant:
            for monomial, _ in atom.operands[0].terms:
                for symbol, _ in monomial:
                    if isinstance(symbol, str):
                        moduli[symbol] = lcm(moduli.get(symbol, 1), abs(atom.operands[1].offset))
    if not moduli:
        return []
    size, name = min((modulus, name) for name, modulus in moduli.items())
    if size > _MAX_MODULUS:
        return []
    # The old symbol is gone once it is replaced, so the new one may have its name.
    multiple = Polynomial.atom(name).scaled(size)
    return [_case({name: multiple.minus(Polynomial.constant(residue))}, []) for residue in range(size)]


def _directly(difference: Polynomial, assumptions: Assumptions) -> Answer:
    """What canonical form, divisibility, signs and single facts say about a difference, without cases."""
    answer = _plainly(difference, assumptions)
    if answer is not Answer.UNKNOWN:
        return answer
    opened = stripped(_without_exact(_opened(difference), assumptions))
    if opened != difference:
        answer = _plainly(opened, assumptions)
        if answer is not Answer.UNKNOWN:
            return answer
    for fact in assumptions.of_kind("zero"):
        reduced = _reduced(opened, fact)
        if reduced != opened:
            answer = _plainly(stripped(reduced), assumptions)
            if answer is not Answer.UNKNOWN:
                return answer
    return Answer.UNKNOWN


def _plainly(difference: Polynomial, assumptions: Assumptions) -> Answer:
    if difference.is_constant:
        return Answer.DIFFERENT if difference.terms else Answer.EQUAL
    if difference.offset % difference.content:
        return Answer.DIFFERENT
    negated = difference.scaled(-1)
    if difference in assumptions.of_kind("nonzero") or negated in assumptions.of_kind("nonzero"):
        return Answer.DIFFERENT
    for one in (difference, negated):
        if surely_positive(one, assumptions.symbols):
            return Answer.DIFFERENT
        for fact in assumptions.of_kind("natural"):
            bears = not one.symbols.isdisjoint(fact.symbols)
            if bears and surely_positive(one.minus(fact), assumptions.symbols):
                return Answer.DIFFERENT
    return Answer.UNKNOWN


def _opened(polynomial: Polynomial) -> Polynomial:
    """A polynomial with each mod written as a floor-div, and floor-divs by constants split up."""
    return substituted(polynomial, {atom: _opened_atom(atom) for atom in polynomial.compounds})


def _opened_atom(atom: Compound) -> Polynomial:
    number, divisor = (_opened(operand) for operand in atom.operands[:2])
    match atom.operator:
        case "//":
            return _split(number, divisor)
        case "%":
            return number.minus(divisor.times(_split(number, divisor)))
        case "min" | "max":
            return Polynomial.atom(atom)


def _split(number: Polynomial, divisor: Polynomial) -> Polynomial:
    """A floor-div, the coefficients of the number reduced to less than a constant divisor."""
    if not divisor.is_constant or not divisor.terms:
        return quotient(number, divisor)
    whole = Polynomial({monomial: value // divisor.offset for monomial, value in number.terms})
    return whole.plus(quotient(number.minus(whole.scaled(divisor.offset)), divisor))


def _without_exact(difference: Polynomial, assumptions: Assumptions) -> Polynomial:
    """A difference, times positive sizes, without the floor-divs that are known to leave no rest."""
    for fact in assumptions.of_kind("zero"):
        atom = fact.single_atom()
        if isinstance(atom, Compound) and atom.operator == "%":
            number, divisor = atom.operands
            exact = quotient(number, divisor).single_atom()
            if exact is Unknown or exact not in difference.atoms:
                continue
            if interval(divisor, {}, POSITIVE).low >= 1:
                product = multiplied_out(difference, exact, divisor, number, number)
                if product is not Unknown:
                    difference = product
    return difference


def _reduced(difference: Polynomial, fact: Polynomial) -> Polynomial:
    """A difference less the multiple of a polynomial that is zero which takes away its leading term."""
    monomial, number = fact.terms[0]
    factor, rest = divmod(difference.coefficient(monomial), number)
    return difference if rest else difference.plus(fact, -factor)
