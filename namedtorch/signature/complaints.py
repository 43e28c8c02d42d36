"""Complaints: what one side of a comparison asks for and the other does not give, as sentences."""

from collections.abc import Hashable, Iterable, Mapping
from itertools import islice, product

from namedtorch.dims.constraint import Constraint
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.signature.paths import Path
from namedtorch.signature.sites import RESULT

_MOST_TRIED = 4096
_LARGEST = 5


class Complaints:
    """The sentences so far, each cause once; `asker` and `giver` are what they call the two sides.

    The giver's dims keep their names in remedies, which are given where the giver can be rewritten (`remedies`).
    """

    def __init__(self, asker: str, giver: str, *, remedies: bool) -> None:
        self.asker = asker
        self.giver = giver
        self.texts: list[str] = []
        self._remedies = remedies
        self._said: set[Hashable] = set()

    def say(self, path: Path | None, cause: Hashable, text: str, remedy: str = "") -> None:
        """Adds a sentence, unless its cause was said before; `remedy` tells what to write."""
        if cause in self._said:
            return
        self._said.add(cause)
        where = f" (where {', '.join(path.notes)})" if path is not None and path.notes else ""
        self.texts.append(text + where + (f": {remedy}" if remedy and self._remedies else ""))

    def asks(self, argument: str, wanted: str, there: str) -> str:
        """The sentence that the asker wants one thing of an argument, and the giver has another."""
        return f"{subject(argument)}: {self.asker} asks for {wanted}, and {self.giver} has {there}"

    def not_always(self, path: Path, constraint: Constraint) -> str:
        """Sizes at which a constraint does not hold, for the end of a sentence; or that none were found."""
        found = exception(path, constraint)
        if found is None:
            return " (that this always holds can't be decided)"
        text = ", ".join(f"{path.words.get(name, name)}={size}" for name, size in sorted(found.items()))
        return f" (not for {text})" if text else ""


def subject(argument: str) -> str:
    """What a sentence calls an argument, or the result."""
    return "the result" if argument == RESULT else f"`{argument}`"


def is_own(path: Path, size: Size) -> bool:
    """Tells whether the dims of a size have names that whoever wrote them knows."""
    return all(path.words.get(symbol) == symbol for symbol in size.symbols)


def exception(path: Path, constraint: Constraint) -> Mapping[str, int] | None:
    """Small sizes at which all that is given holds and the constraint does not; None where none were found."""
    symbols = set(constraint.symbols)
    facts = list(path.given)
    bearing: list[Constraint] = []
    while True:
        more = [one for one in facts if not symbols.isdisjoint(one.symbols)]
        if not more:
            break
        facts = [one for one in facts if symbols.isdisjoint(one.symbols)]
        bearing += more
        symbols |= {symbol for one in more for symbol in one.symbols}
    names = sorted(symbols)
    values = sorted(_interesting((constraint, *bearing)))
    for sizes in islice(product(values, repeat=len(names)), _MOST_TRIED):
        found = dict(zip(names, sizes, strict=True))
        if all(one.holds(found) for one in bearing) and not constraint.holds(found):
            return {name: found[name] for name in names if name in constraint.symbols}
    return None


def _interesting(constraints: Iterable[Constraint]) -> set[int]:
    """Small sizes, and those around the numbers that constraints mention."""
    found = set(range(1, _LARGEST + 1))
    for one in constraints:
        for size in (one.left, one.right):
            numbers = {abs(number) for _, number in size.polynomial.terms}
            found |= {near for number in numbers for near in (number - 1, number, number + 1) if near > 0}
    return found


def is_simple(size: Size) -> bool:
    """Tells whether a size is a number or one symbol."""
    return size.value is not Unknown or size.name is not Unknown
