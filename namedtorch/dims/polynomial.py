"""Integer polynomials over atoms: what a `Size` is made of.

An atom is a symbol (a `str`) or a `Compound`: a floor-div, mod, min or max of polynomials. Sums and products
are canonical here; which compound stands for a division or an extremum is decided in `canonical`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import gcd
from typing import Final, Literal, TypeAlias

from namedtorch.dims.unknown import Unknown, UnknownType

MAX_TERMS: Final = 128
MAX_DEPTH: Final = 24
MAX_WEIGHT: Final = 1024
MAX_EXPONENT: Final = 64
MAX_COEFFICIENT: Final = 2**63 - 1
_MAX_PRODUCTS: Final = 16 * MAX_TERMS

Operator: TypeAlias = Literal["//", "%", "min", "max"]
Atom: TypeAlias = "str | Compound"
Monomial: TypeAlias = "tuple[tuple[Atom, int], ...]"
"""Atoms with their exponents (all positive), in the order of `atom_key`; the empty one is 1."""


class SizeLimitError(ValueError):
    """A size that is too large to reckon with: terms, depth, exponents or coefficients.

    Annotations may come out of a file that nobody vouches for, so arithmetic on them is bounded.
    """


@dataclass(frozen=True, slots=True)
class Compound:
    """A floor-div, mod, min or max that no rule could simplify; an atom of polynomials."""

    operator: Operator
    operands: "tuple[Polynomial, ...]"
    key: str = field(init=False, compare=False, repr=False)
    depth: int = field(init=False, compare=False, repr=False)
    weight: int = field(init=False, compare=False, repr=False)
    hashed: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        depth = 1 + max(operand.depth for operand in self.operands)
        weight = 1 + sum(operand.weight for operand in self.operands)
        if depth > MAX_DEPTH:
            raise SizeLimitError(f"a size is nested deeper than {MAX_DEPTH} divisions, minima and maxima")
        if weight > MAX_WEIGHT:
            raise SizeLimitError(f"a size has more than {MAX_WEIGHT} parts")
        object.__setattr__(self, "depth", depth)
        object.__setattr__(self, "weight", weight)
        object.__setattr__(self, "key", f"{self.operator}({','.join(o.key for o in self.operands)})")
        object.__setattr__(self, "hashed", hash((self.operator, self.operands)))

    def __hash__(self) -> int:
        return self.hashed


def atom_key(atom: Atom) -> tuple[int, str]:
    """The place of an atom among others: symbols first, then by text."""
    return (0, atom) if isinstance(atom, str) else (1, atom.key)


def monomial_key(monomial: Monomial) -> tuple[int, tuple[tuple[int, str, int], ...]]:
    """The place of a monomial among others: graded lexicographic order, the leading one first."""
    return (
        -sum(exponent for _, exponent in monomial),
        tuple((*atom_key(atom), -exponent) for atom, exponent in monomial),
    )


def times(left: Monomial, right: Monomial) -> Monomial:
    """The product of two monomials."""
    if not left or not right:
        return left or right
    exponents = dict(left)
    for atom, exponent in right:
        exponents[atom] = total = exponents.get(atom, 0) + exponent
        if total > MAX_EXPONENT:
            raise SizeLimitError(f"an exponent of a size is over {MAX_EXPONENT}")
    return tuple(sorted(exponents.items(), key=_factor_key))


def common(left: Monomial, right: Monomial) -> Monomial:
    """The greatest monomial that divides both."""
    exponents = dict(right)
    return tuple((atom, min(exponent, exponents[atom])) for atom, exponent in left if atom in exponents)


def over(monomial: Monomial, divisor: Monomial) -> Monomial:
    """The quotient of a monomial by one that divides it."""
    exponents = dict(divisor)
    left = ((atom, exponent - exponents.get(atom, 0)) for atom, exponent in monomial)
    return tuple((atom, exponent) for atom, exponent in left if exponent)


def divides(divisor: Monomial, monomial: Monomial) -> bool:
    """Whether the monomial is a multiple of the divisor."""
    exponents = dict(monomial)
    return all(exponents.get(atom, 0) >= exponent for atom, exponent in divisor)


def _factor_key(factor: tuple[Atom, int]) -> tuple[int, str]:
    return atom_key(factor[0])


class Polynomial:
    """An immutable sum of integer multiples of monomials; equal iff the same sum.

    Raises `SizeLimitError` past the limits of this file.
    """

    def __init__(self, coefficients: Mapping[Monomial, int]) -> None:
        self._coefficients = {monomial: number for monomial, number in coefficients.items() if number}
        if len(self._coefficients) > MAX_TERMS:
            raise SizeLimitError(f"a size has more than {MAX_TERMS} terms")
        for number in self._coefficients.values():
            if not -MAX_COEFFICIENT <= number <= MAX_COEFFICIENT:
                raise SizeLimitError("a number in a size does not fit into 64 bits")

    @staticmethod
    def constant(number: int) -> "Polynomial":
        """The polynomial that is this number."""
        return Polynomial({(): number})

    @staticmethod
    def atom(atom: Atom) -> "Polynomial":
        """The polynomial that is this atom."""
        return Polynomial({((atom, 1),): 1})

    @staticmethod
    def term(monomial: Monomial, number: int = 1) -> "Polynomial":
        """The polynomial of this one term."""
        return Polynomial({monomial: number})

    @cached_property
    def terms(self) -> tuple[tuple[Monomial, int], ...]:
        """The terms in the order of `monomial_key`, the constant last; none of them is zero."""
        return tuple(sorted(self._coefficients.items(), key=lambda term: monomial_key(term[0])))

    @cached_property
    def key(self) -> str:
        """A text that tells unequal polynomials apart; it orders the operands of min and max."""
        return "+".join(
            "*".join((str(number), *(f"{atom_key(atom)[1]}^{exponent}" for atom, exponent in monomial)))
            for monomial, number in self.terms
        )

    @cached_property
    def parts(self) -> "frozenset[Atom]":
        """The atoms at any depth."""
        found: set[Atom] = set(self.atoms)
        for atom in self.compounds:
            found.update(*(operand.parts for operand in atom.operands))
        return frozenset(found)

    @cached_property
    def symbols(self) -> frozenset[str]:
        """The symbols at any depth."""
        return frozenset(atom for atom in self.parts if isinstance(atom, str))

    @cached_property
    def atoms(self) -> tuple[Atom, ...]:
        """The atoms of the terms, each once; those inside a compound are not listed."""
        return tuple(dict.fromkeys(atom for monomial, _ in self.terms for atom, _ in monomial))

    @cached_property
    def compounds(self) -> tuple[Compound, ...]:
        """The atoms that are no symbols."""
        return tuple(atom for atom in self.atoms if isinstance(atom, Compound))

    @cached_property
    def depth(self) -> int:
        """How many compounds lie within one another."""
        return max((atom.depth for atom in self.compounds), default=0)

    @cached_property
    def weight(self) -> int:
        """The number of parts when written out."""
        return 1 + sum(
            1 + sum(1 if isinstance(atom, str) else atom.weight for atom, _ in monomial)
            for monomial in self._coefficients
        )

    @cached_property
    def _hash(self) -> int:
        return hash(frozenset(self._coefficients.items()))

    @property
    def is_constant(self) -> bool:
        """Whether this is a number."""
        return not self._coefficients or (len(self._coefficients) == 1 and () in self._coefficients)

    @property
    def offset(self) -> int:
        """The constant term."""
        return self._coefficients.get((), 0)

    @property
    def content(self) -> int:
        """The greatest number that divides every coefficient but the constant term; 0 for a number."""
        return gcd(*(number for monomial, number in self._coefficients.items() if monomial))

    @property
    def is_negated(self) -> bool:
        """Whether every coefficient is negative."""
        return bool(self._coefficients) and all(number < 0 for number in self._coefficients.values())

    @property
    def common_factor(self) -> Monomial:
        """The greatest monomial that divides every term; 1 for zero."""
        monomials = iter(self._coefficients)
        factor = next(monomials, ())
        for monomial in monomials:
            factor = common(factor, monomial)
        return factor

    def coefficient(self, monomial: Monomial) -> int:
        """The coefficient of a monomial, 0 where it does not occur."""
        return self._coefficients.get(monomial, 0)

    def single_atom(self) -> "Atom | UnknownType":
        """The atom that this polynomial is, or `Unknown` where it is more or less than one."""
        if len(self._coefficients) == 1:
            ((monomial, number),) = self._coefficients.items()
            if number == 1 and len(monomial) == 1 and monomial[0][1] == 1:
                return monomial[0][0]
        return Unknown

    def plus(self, other: "Polynomial", factor: int = 1) -> "Polynomial":
        """The sum of this and `factor` times the other."""
        coefficients = dict(self._coefficients)
        for monomial, number in other._coefficients.items():
            coefficients[monomial] = coefficients.get(monomial, 0) + factor * number
        return Polynomial(coefficients)

    def minus(self, other: "Polynomial") -> "Polynomial":
        """The difference."""
        return self.plus(other, -1)

    def scaled(self, factor: int) -> "Polynomial":
        """This, times a number."""
        return Polynomial({monomial: factor * number for monomial, number in self._coefficients.items()})

    def times(self, other: "Polynomial") -> "Polynomial":
        """The product."""
        if len(self._coefficients) * len(other._coefficients) > _MAX_PRODUCTS:
            raise SizeLimitError(f"a product of sizes has more than {_MAX_PRODUCTS} terms")
        coefficients: dict[Monomial, int] = {}
        for left, first in self._coefficients.items():
            for right, second in other._coefficients.items():
                monomial = times(left, right)
                coefficients[monomial] = coefficients.get(monomial, 0) + first * second
        return Polynomial(coefficients)

    def power(self, exponent: int) -> "Polynomial":
        """This to a power of 0 or more; `0**0` is 1, as in Python."""
        if exponent < 0:
            raise ValueError(f"the exponent of a size is {exponent}; it must not be negative")
        if exponent > MAX_EXPONENT:
            raise SizeLimitError(f"an exponent of a size is over {MAX_EXPONENT}")
        result, base = Polynomial.constant(1), self
        while exponent:
            if exponent & 1:
                result = result.times(base)
            exponent >>= 1
            if exponent:
                base = base.times(base)
        return result

    def over(self, number: int, factor: Monomial = ()) -> "Polynomial":
        """This, divided by a number and a monomial that divide it exactly."""
        return Polynomial(
            {over(monomial, factor): value // number for monomial, value in self._coefficients.items()}
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Polynomial):
            return NotImplemented
        return self is other or (self._hash == other._hash and self._coefficients == other._coefficients)

    def __hash__(self) -> int:
        return self._hash


def total(polynomials: Iterable[Polynomial]) -> Polynomial:
    """The sum of any number of polynomials."""
    result = Polynomial.constant(0)
    for polynomial in polynomials:
        result = result.plus(polynomial)
    return result
