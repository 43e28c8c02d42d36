"""What constraints say about symbols, made ready for use: sizes to put in place of symbols, and what remains."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from math import gcd
from typing import Final, Literal, TypeAlias

from namedtorch.dims.bounds import POSITIVE, Interval, interval
from namedtorch.dims.canonical import remainder, substituted
from namedtorch.dims.constraint import Constraint
from namedtorch.dims.polynomial import Atom, Compound, Polynomial, SizeLimitError
from namedtorch.dims.unknown import Unknown, UnknownType

MAX_FACTS: Final = 32
_MAX_STEPS: Final = 16
_ONE: Final = Polynomial.constant(1)

Kind: TypeAlias = Literal["zero", "natural", "nonzero"]


class Contradiction(Exception):
    """No positive assignment satisfies the facts."""


@dataclass(frozen=True, slots=True)
class Fact:
    """That a polynomial is zero, 0 or more, or not zero, at every assignment in question."""

    kind: Kind
    polynomial: Polynomial

    @staticmethod
    def of(constraint: Constraint) -> "Fact":
        """What a constraint says. Raises `SizeLimitError`."""
        left, right = constraint.left.polynomial, constraint.right.polynomial
        match constraint.relation:
            case "==":
                return Fact("zero", left.minus(right))
            case "!=":
                return Fact("nonzero", left.minus(right))
            case "<":
                return Fact("natural", right.minus(left).minus(_ONE))
            case "<=":
                return Fact("natural", right.minus(left))
            case ">":
                return Fact("natural", left.minus(right).minus(_ONE))
            case ">=":
                return Fact("natural", left.minus(right))


Step: TypeAlias = tuple[str, Polynomial]
"""A symbol and what it is; the symbols of that are positive again."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Facts, solved as far as may be.

    At every positive assignment that satisfies the facts, there is one of the new symbols that satisfies what
    remains, and at which the polynomials that `steps` puts in place of symbols have the same values.
    """

    steps: tuple[Step, ...]
    facts: tuple[Fact, ...]
    symbols: Mapping[str, Interval]
    """Where the symbols lie that have a known upper bound."""

    @staticmethod
    def of(facts: Iterable[Fact], taken: Iterable[str]) -> "Assumptions":
        """Solves facts; new symbols differ from the `taken` ones. Raises `Contradiction`."""
        solving = _Solving(facts, taken)
        solving.run()
        return Assumptions(tuple(solving.steps), tuple(solving.facts), _upper_bounds(solving.facts))

    def applied(self, polynomial: Polynomial) -> Polynomial:
        """A polynomial with the solved symbols replaced. Raises as canonical forms do."""
        for name, part in self.steps:
            polynomial = substituted(polynomial, {name: part})
        return polynomial

    def of_kind(self, kind: Kind) -> tuple[Polynomial, ...]:
        """The polynomials of the facts that remain."""
        return tuple(fact.polynomial for fact in self.facts if fact.kind == kind)


def relevant(constraints: Iterable[Constraint], symbols: frozenset[str]) -> list[Fact]:
    """The facts that may bear on these symbols, directly or through others."""
    waiting, found = list(constraints), list[Fact]()
    known = set(symbols)
    while True:
        connected = [one for one in waiting if not known.isdisjoint(one.symbols)]
        if not connected:
            return found[:MAX_FACTS]
        waiting = [one for one in waiting if known.isdisjoint(one.symbols)]
        for constraint in connected:
            known |= constraint.symbols
            try:
                found.append(Fact.of(constraint))
            except SizeLimitError:
                continue


def stripped(polynomial: Polynomial) -> Polynomial:
    """A polynomial without the positive factors that all its terms share: its sign is the same."""
    factor = tuple(one for one in polynomial.common_factor if isinstance(one[0], str))
    number = gcd(polynomial.content, polynomial.offset)
    return polynomial.over(number, factor) if number > 1 or factor else polynomial


def _upper_bounds(facts: Iterable[Fact]) -> dict[str, Interval]:
    bounds: dict[str, Interval] = {}
    for fact in facts:
        name, number, offset = _linear(fact.polynomial)
        if fact.kind == "natural" and number < 0 and isinstance(name, str):
            high = offset // -number
            bounds[name] = Interval(1, min(high, bounds.get(name, POSITIVE).high))
    return bounds


def _linear(polynomial: Polynomial) -> tuple[Atom, int, int]:
    """Atom, coefficient and constant of `2*C+1` or `C%8-3`; a coefficient of 0 for all other polynomials."""
    offset = polynomial.offset
    if len(polynomial.terms) == (2 if offset else 1):
        monomial, number = polynomial.terms[0]
        if len(monomial) == 1 and monomial[0][1] == 1:
            return monomial[0][0], number, offset
    return "", 0, 0


class _Solving:
    """Facts while they are being solved, one symbol at a time."""

    def __init__(self, facts: Iterable[Fact], taken: Iterable[str]) -> None:
        self.steps: list[Step] = []
        self.facts: list[Fact] = []
        self.taken = set(taken)
        self.numbers = count(1)
        for fact in facts:
            self.taken |= fact.polynomial.symbols
            self.add(fact.kind, fact.polynomial)

    def run(self) -> None:
        for _ in range(_MAX_STEPS):
            step = self.next_step()
            if step is Unknown:
                return
            self.take(step)

    def add(self, kind: Kind, polynomial: Polynomial) -> None:
        """Adds a fact in its simplest form. Raises `Contradiction` where it never holds."""
        polynomial = stripped(polynomial)
        content = polynomial.content
        if kind == "natural":
            if content > 1:
                offset = polynomial.offset
                polynomial = polynomial.minus(Polynomial.constant(offset % content)).over(content)
            if interval(polynomial, {}, POSITIVE).low >= 0:
                return
            if interval(polynomial, {}, POSITIVE).high < 0:
                raise Contradiction
        elif polynomial.is_constant:
            if (polynomial.offset == 0) != (kind == "zero"):
                raise Contradiction
            return
        elif kind == "zero" and content > 1 and polynomial.offset % content:
            raise Contradiction
        fact = Fact(kind, polynomial)
        if fact not in self.facts:
            self.facts.append(fact)

    def take(self, step: Step) -> None:
        """Puts a size in place of a symbol, here and in whatever the assumptions are applied to."""
        name, part = step
        facts, self.facts = self.facts, []
        self.steps.append(step)
        for fact in facts:
            try:
                self.add(fact.kind, substituted(fact.polynomial, {name: part}))
            except (SizeLimitError, ZeroDivisionError):
                continue
        # The symbol was positive; what stands in its place has to be, too.
        self.add("natural", part.minus(_ONE))

    def next_step(self) -> Step | UnknownType:
        for kind, solve in (("zero", self.unit), ("zero", self.multiple), ("natural", self.at_least)):
            for fact in self.facts:
                if fact.kind == kind:
                    step = solve(fact.polynomial)
                    if step is not Unknown:
                        return step
        return Unknown

    def unit(self, polynomial: Polynomial) -> Step | UnknownType:
        """Solves `C - 2*K == 0` for a symbol that occurs once, with the coefficient 1 or -1."""
        for monomial, number in polynomial.terms:
            if abs(number) == 1 and len(monomial) == 1 and monomial[0][1] == 1:
                name = monomial[0][0]
                rest = polynomial.minus(Polynomial.term(monomial, number))
                if isinstance(name, str) and name not in rest.symbols:
                    return name, rest.scaled(-number)
        return Unknown

    def multiple(self, polynomial: Polynomial) -> Step | UnknownType:
        """Solves `C % 8 == 0`, `(3*C+1) % 8 == 2`, `(C+K) % 8 == 0`, `C % groups == 0`."""
        atom, number, offset = _linear(polynomial)
        if not isinstance(atom, Compound) or atom.operator != "%" or offset % number:
            return Unknown
        top, modulus = atom.operands
        residue = -offset // number
        if residue:
            if not modulus.is_constant:
                return Unknown
            if not 0 <= residue < modulus.offset:
                raise Contradiction
            zero = remainder(top.minus(Polynomial.constant(residue)), modulus)
            inner = stripped(zero).single_atom()
            if not isinstance(inner, Compound) or inner.operator != "%":
                return Unknown
            top, modulus = inner.operands
        name, factor, shift = _linear(top)
        if modulus.is_constant:
            size = modulus.offset
            if isinstance(name, str) and factor and gcd(factor, size) == 1:
                # C is -shift/factor modulo size, so a positive multiple of size less this residue.
                missing = shift * pow(factor, -1, size) % size
                return name, self.fresh(name).scaled(size).minus(Polynomial.constant(missing))
            return self.solved_for_one(top, self.fresh("").scaled(size))
        is_positive = interval(modulus, {}, POSITIVE).low >= 1
        if (
            isinstance(name, str)
            and (factor, shift) == (1, 0)
            and is_positive
            and name not in modulus.symbols
        ):
            return name, self.fresh(name).times(modulus)
        return Unknown

    def solved_for_one(self, top: Polynomial, value: Polynomial) -> Step | UnknownType:
        # The value is a positive multiple only of what is surely positive.
        if interval(top, {}, POSITIVE).low < 1:
            return Unknown
        return self.unit(top.minus(value))

    def at_least(self, polynomial: Polynomial) -> Step | UnknownType:
        """Solves `H - 7 >= 0` and `H - W >= 0` by writing the symbol as what it exceeds and a positive rest."""
        name, number, offset = _linear(polynomial)
        if number > 0 and isinstance(name, str):
            least = -(offset // number)
            return name, self.fresh(name).plus(Polynomial.constant(least - 1))
        if number < 0 and isinstance(name, str) and offset // -number == 1:
            return name, _ONE
        for monomial, number in polynomial.terms:
            if number == 1 and len(monomial) == 1 and monomial[0][1] == 1:
                name = monomial[0][0]
                rest = Polynomial.term(monomial).minus(polynomial)
                is_natural = interval(rest, {}, POSITIVE).low >= 0
                if isinstance(name, str) and is_natural and name not in rest.symbols:
                    return name, rest.plus(self.fresh(name)).minus(_ONE)
        return Unknown

    def fresh(self, name: str) -> Polynomial:
        while (symbol := f"{{{name.strip('{}')}'{next(self.numbers)}}}") in self.taken:
            pass
        self.taken.add(symbol)
        return Polynomial.atom(symbol)
