"""`Size`: a symbolic integer, the length of an axis."""

import re
from collections.abc import Callable, Mapping, Sequence
from operator import index
from typing import Final, TypeAlias, cast

from namedtorch.dims import canonical
from namedtorch.dims.polynomial import (
    MAX_DEPTH,
    Atom,
    Compound,
    Monomial,
    Polynomial,
    SizeLimitError,
    total,
)
from namedtorch.dims.spelling import Spelling
from namedtorch.dims.unknown import Unknown, UnknownType

__all__ = ["Size", "SizeLimitError", "Tree"]

Tree: TypeAlias = "int | str | list[Tree]"
"""A size as JSON-able data: a number, a symbol, or a list of an operator and its operands."""

# A dim or an attribute path; or, in braces, anything that holds neither whitespace nor braces.
_SYMBOL: Final = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*|\{[^\s{}]+\}")
_MAX_TREE_DEPTH: Final = 4 * MAX_DEPTH + 4


class Size:
    """An immutable integer polynomial over symbols, floor-divs, mods, minima and maxima of sizes.

    Two sizes are `==` iff their canonical forms are the same. Equal sizes have the same value wherever both
    have one, for all natural numbers that the symbols may stand for; `decide` answers about sizes whose forms
    differ. Operators take sizes and integers and round as Python does. They raise `SizeLimitError` for a
    result that is too large, and `ZeroDivisionError` for a division by the constant 0.
    """

    __slots__ = ("_polynomial", "_text")

    def __init__(self, polynomial: Polynomial) -> None:
        self._polynomial = polynomial
        self._text = ""

    @staticmethod
    def constant(number: int) -> "Size":
        """The size that is this number."""
        return Size(Polynomial.constant(index(number)))

    @staticmethod
    def symbol(name: str) -> "Size":
        """The size that a dim, an attribute path (`self.hidden`) or an argument (`{n}`) has.

        Raises `ValueError` for a name that would not read back: `str` prints it as it is.
        """
        if not _SYMBOL.fullmatch(name):
            raise ValueError(f"{name!r:.80} is not the name of a size")
        return Size(Polynomial.atom(name))

    @staticmethod
    def minimum(*sizes: "Size | int") -> "Size":
        """The least of one or more sizes."""
        return Size(canonical.minimum(*map(_polynomial, _some(sizes))))

    @staticmethod
    def maximum(*sizes: "Size | int") -> "Size":
        """The greatest of one or more sizes."""
        return Size(canonical.maximum(*map(_polynomial, _some(sizes))))

    @property
    def polynomial(self) -> Polynomial:
        """The canonical form."""
        return self._polynomial

    @property
    def symbols(self) -> frozenset[str]:
        """The symbols that occur."""
        return self._polynomial.symbols

    @property
    def value(self) -> int | UnknownType:
        """The number that this size is, or `Unknown` where it depends on a symbol."""
        return self._polynomial.offset if self._polynomial.is_constant else Unknown

    @property
    def name(self) -> str | UnknownType:
        """The symbol that this size is, or `Unknown` where it is a number or a compound."""
        atom = self._polynomial.single_atom()
        return atom if isinstance(atom, str) else Unknown

    def evaluate(self, sizes: Mapping[str, int]) -> int:
        """The number that this size is at an assignment of its symbols.

        Raises `KeyError` for a symbol without a value, and `ZeroDivisionError` as Python does.
        """
        return _evaluate(self._polynomial, sizes)

    def substitute(self, sizes: "Mapping[str, Size]") -> "Size":
        """This size, with sizes in place of symbols; a symbol that the mapping does not hold stays.

        Raises `SizeLimitError`, and `ZeroDivisionError` where a divisor becomes the constant 0.
        """
        if self.symbols.isdisjoint(sizes):
            return self
        return Size(
            canonical.substituted(self._polynomial, {name: size.polynomial for name, size in sizes.items()})
        )

    def render(self, name: Callable[[str], str]) -> str:
        """This size as an expression of Python and TorchScript; `name` gives the text of a symbol.

        Powers are products, minima and maxima have two arguments each. The text of a symbol has to bind
        tighter than any operator: a name, a number, a subscript, a call.
        """
        return Spelling(name, powers=False).sum(self._polynomial)

    def tree(self) -> Tree:
        """This size as JSON-able data that `from_tree` reads back."""
        return _sum_tree(self._polynomial)

    @staticmethod
    def from_tree(tree: object) -> "Size":
        """Reads what `tree` wrote. Raises `ValueError` for anything else."""
        try:
            return _from_tree(tree, _MAX_TREE_DEPTH)
        except ZeroDivisionError as error:
            raise ValueError(f"not a size: {error}") from error

    def __str__(self) -> str:
        if not self._text:
            self._text = Spelling(str, powers=True).sum(self._polynomial)
        return self._text

    def __repr__(self) -> str:
        return f"Size({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Size):
            return NotImplemented
        return self._polynomial == other._polynomial

    def __hash__(self) -> int:
        return hash(self._polynomial)

    def __reduce__(self) -> tuple[Callable[[object], "Size"], tuple[Tree]]:
        return Size.from_tree, (self.tree(),)

    def __add__(self, other: "Size | int") -> "Size":
        return Size(self._polynomial.plus(_polynomial(other)))

    def __radd__(self, other: int) -> "Size":
        return Size(_polynomial(other).plus(self._polynomial))

    def __sub__(self, other: "Size | int") -> "Size":
        return Size(self._polynomial.minus(_polynomial(other)))

    def __rsub__(self, other: int) -> "Size":
        return Size(_polynomial(other).minus(self._polynomial))

    def __mul__(self, other: "Size | int") -> "Size":
        return Size(self._polynomial.times(_polynomial(other)))

    def __rmul__(self, other: int) -> "Size":
        return Size(_polynomial(other).times(self._polynomial))

    def __floordiv__(self, other: "Size | int") -> "Size":
        return Size(canonical.quotient(self._polynomial, _polynomial(other)))

    def __rfloordiv__(self, other: int) -> "Size":
        return Size(canonical.quotient(_polynomial(other), self._polynomial))

    def __mod__(self, other: "Size | int") -> "Size":
        return Size(canonical.remainder(self._polynomial, _polynomial(other)))

    def __rmod__(self, other: int) -> "Size":
        return Size(canonical.remainder(_polynomial(other), self._polynomial))

    def __pow__(self, exponent: int) -> "Size":
        return Size(self._polynomial.power(exponent))

    def __neg__(self) -> "Size":
        return Size(self._polynomial.scaled(-1))

    def __pos__(self) -> "Size":
        return self


def _some(sizes: tuple[Size | int, ...]) -> tuple[Size | int, ...]:
    if not sizes:
        raise TypeError("the least or greatest of no sizes")
    return sizes


def _polynomial(size: Size | int) -> Polynomial:
    return size.polynomial if isinstance(size, Size) else Polynomial.constant(index(size))


def _evaluate(polynomial: Polynomial, sizes: Mapping[str, int]) -> int:
    result = 0
    for monomial, number in polynomial.terms:
        for atom, exponent in monomial:
            value = _evaluate_atom(atom, sizes)
            # Symbolic sizes of some tensors know no powers, not even the first.
            number *= value if exponent == 1 else value**exponent
        result += number
    return result


def _evaluate_atom(atom: Atom, sizes: Mapping[str, int]) -> int:
    if not isinstance(atom, Compound):
        return sizes[atom]
    values = [_evaluate(operand, sizes) for operand in atom.operands]
    match atom.operator:
        case "//":
            return values[0] // values[1]
        case "%":
            return values[0] % values[1]
        case "min":
            return min(values)
        case "max":
            return max(values)


def _sum_tree(polynomial: Polynomial) -> Tree:
    terms = [_term_tree(monomial, number) for monomial, number in polynomial.terms]
    if not terms:
        return 0
    return terms[0] if len(terms) == 1 else ["+", *terms]


def _term_tree(monomial: Monomial, number: int) -> Tree:
    factors: list[Tree] = [] if number == 1 and monomial else [number]
    for atom, exponent in monomial:
        tree: Tree
        tree = [atom.operator, *map(_sum_tree, atom.operands)] if isinstance(atom, Compound) else atom
        factors.append(tree if exponent == 1 else ["**", tree, exponent])
    return factors[0] if len(factors) == 1 else ["*", *factors]


def _from_tree(tree: object, depth: int) -> Size:
    if not depth:
        raise SizeLimitError("a size is nested too deep")
    if isinstance(tree, int) and not isinstance(tree, bool):
        return Size.constant(tree)
    if isinstance(tree, str):
        return Size.symbol(tree)
    if not isinstance(tree, list | tuple):
        raise ValueError(f"not a size: {type(tree).__name__}")
    match cast("Sequence[object]", tree):
        case ["**", base, int(exponent)]:
            return _from_tree(base, depth - 1) ** exponent
        case [str(operator), first, *rest]:
            sizes = [_from_tree(operand, depth - 1).polynomial for operand in (first, *rest)]
            return Size(_joined(operator, sizes))
        case _:
            raise ValueError("not a size: a list of an operator and its operands is expected")


def _joined(operator: str, operands: list[Polynomial]) -> Polynomial:
    match operator:
        case "+":
            return total(operands)
        case "*":
            result = Polynomial.constant(1)
            for operand in operands:
                result = result.times(operand)
            return result
        case _:
            return canonical.combined(operator, operands)
