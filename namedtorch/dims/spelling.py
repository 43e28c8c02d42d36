"""How sizes are written as text."""

from collections.abc import Callable

from namedtorch.dims.polynomial import Atom, Compound, Monomial, Polynomial


class Spelling:
    """Writes polynomials without whitespace, in Python's precedence.

    `name` gives the text of a symbol. With `powers` it is the language of annotations (`d**2`, `min(a,b,c)`);
    without, what TorchScript takes too: powers as products, minima and maxima of two.
    """

    def __init__(self, name: Callable[[str], str], *, powers: bool) -> None:
        self.name = name
        self.powers = powers

    def sum(self, polynomial: Polynomial) -> str:
        """The text of a polynomial."""
        if not polynomial.terms:
            return "0"
        # A positive term comes first if there is one: `1-C` reads better than `-C+1`.
        terms = list(polynomial.terms)
        first = next((term for term in terms if term[1] > 0), terms[0])
        terms.remove(first)
        monomial, number = first
        parts = [self.term(monomial, number) if number > 0 else self.negated(monomial, number)]
        for monomial, number in terms:
            parts.append(("+" if number > 0 else "-") + self.term(monomial, abs(number)))
        return "".join(parts)

    def term(self, monomial: Monomial, number: int) -> str:
        """The text of a monomial times a positive number."""
        factors = [] if number == 1 and monomial else [str(number)]
        for atom, exponent in monomial:
            text = self.atom(atom)
            alone = number == 1 and monomial == ((atom, 1),)
            if isinstance(atom, Compound) and atom.operator in ("//", "%") and not alone:
                text = f"({text})"
            if self.powers:
                factors.append(text if exponent == 1 else f"{text}**{exponent}")
            else:
                factors.extend([text] * exponent)
        return "*".join(factors)

    def negated(self, monomial: Monomial, number: int) -> str:
        """The text of a monomial times a negative number, at the start of a sum."""
        # A unary minus binds tighter than a division, so a lone division needs parentheses behind it.
        text = self.term(monomial, -number)
        lone = number == -1 and len(monomial) == 1 and isinstance(monomial[0][0], Compound)
        return f"-({text})" if lone else f"-{text}"

    def atom(self, atom: Atom) -> str:
        """The text of an atom."""
        if not isinstance(atom, Compound):
            return self.name(atom)
        if atom.operator in ("//", "%"):
            number, divisor = map(self.operand, atom.operands)
            return f"{number}{atom.operator}{divisor}"
        texts = [self.sum(operand) for operand in atom.operands]
        if self.powers:
            return f"{atom.operator}({','.join(texts)})"
        text = texts.pop()
        while texts:
            text = f"{atom.operator}({texts.pop()},{text})"
        return text

    def operand(self, polynomial: Polynomial) -> str:
        """The text of a polynomial on either side of a division."""
        text = self.sum(polynomial)
        atom = polynomial.single_atom()
        is_call = isinstance(atom, Compound) and atom.operator in ("min", "max")
        is_number = polynomial.is_constant and polynomial.offset >= 0
        return text if isinstance(atom, str) or is_call or is_number else f"({text})"
