"""Paths: the ways in which a call can come out, tried one by one, and what each tells of sizes.

A path takes one of the alternatives wherever a signature leaves a choice (None or a value, so many elements, size 1 or
more). Sizes are symbols; what is known of them is a list of constraints. The usual paths come first.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from heapq import heappop, heappush
from itertools import count

from namedtorch.dims.assumptions import Assumptions, Contradiction, relevant
from namedtorch.dims.constraint import Constraint, Relation
from namedtorch.dims.decide import Answer, decide
from namedtorch.dims.polynomial import Compound, Polynomial
from namedtorch.dims.size import Size, SizeLimitError
from namedtorch.dims.unknown import Unknown, UnknownType

_MOST_ZEROS = 2  # dims that are 0 at once
_ENOUGH = 200  # paths to find all that is wrong
_REST = Size.symbol("{rest}")
_ONE = Size.constant(1)


class Impossible(Exception):
    """No call takes this path."""


class Path:
    """One way in which a call comes out: the alternatives that it takes, and what holds of its sizes.

    All symbols are positive: that a dim is 0 is an alternative of its own, where `zeros` asks for it.
    """

    def __init__(self, picks: Sequence[int] = (), zeros: bool = False) -> None:
        self.given: list[Constraint] = []
        self.notes: list[str] = []
        self.counts: list[int] = []
        self.words: dict[str, str] = {}
        self._picks = picks
        self._zeros = _MOST_ZEROS if zeros else 0

    def choose(self, *notes: str) -> int:
        """The alternative that this path takes, of those that the notes describe; the usual one is 0."""
        place = len(self.counts)
        self.counts.append(len(notes))
        pick = self._picks[place] if place < len(self._picks) else 0
        if pick:
            self.notes.append(notes[pick])
        return pick

    def symbol(self, words: str, name: str = "") -> Size:
        """A new size; `words` say what it is, and are its name as well where no other symbol may have it."""
        if self._zeros and self.choose("", f"{words} is 0"):
            self._zeros -= 1
            return Size.constant(0)
        symbol = name or f"{{{len(self.words)}}}"
        self.words[symbol] = words
        return Size.symbol(symbol)

    def integer(self, words: str) -> Size:
        """A new number of any sign."""
        sign = self.choose("", f"{words} is 0", f"{words} is negative")
        if sign == 1:
            return Size.constant(0)
        symbol = f"{{{len(self.words)}}}"
        self.words[symbol] = words if not sign else f"-{words}"
        return Size.symbol(symbol) if not sign else -Size.symbol(symbol)

    def text(self, size: Size) -> str:
        """A size in the words of whoever wrote its dims."""
        if size.symbols.isdisjoint(one for one in self.words if one.startswith("{")):
            return str(size)
        return size.render(lambda symbol: self.words.get(symbol, symbol))

    def holds(self, left: Size, relation: Relation, right: Size) -> bool | UnknownType:
        """Tells whether a relation holds for all sizes of this path, or for none."""
        match relation:
            case "==":
                return self._equal(left, right)
            case "!=":
                equal = self._equal(left, right)
                return Unknown if equal is Unknown else not equal
            case ">=":
                return self._at_least(left, right)
            case ">":
                return self._at_least(left, right + 1)
            case "<=":
                return self._at_least(right, left)
            case "<":
                return self._at_least(right, left + 1)

    def assume(self, left: Size, relation: Relation, right: Size) -> None:
        """Takes for granted that a relation holds; raises `Impossible` where it can't."""
        holds = self.holds(left, relation, right)
        if holds is Unknown:
            self.given.append(Constraint(left, relation, right))
            # What a new fact rules out may be an old one.
            with suppress(SizeLimitError):
                self._refuse_contradictions(left.symbols | right.symbols)
        elif not holds:
            raise Impossible

    def divides(self, size: Size) -> None:
        """Takes for granted that no division in a size is by zero."""
        for divisor in divisors(size.polynomial):
            self.assume(Size(divisor), "!=", Size.constant(0))

    def equals(self, left: Size, right: Size, note: str) -> bool:
        """Tells whether two sizes are equal on this path; where both may be, that is an alternative of its own."""
        equal = self.holds(left, "==", right)
        if equal is not Unknown:
            return equal
        equal = bool(self.choose("", note))
        self.assume(left, "==" if equal else "!=", right)
        return equal

    def _equal(self, left: Size, right: Size) -> bool | UnknownType:
        match decide(left, right, self.given):
            case Answer.EQUAL:
                return True
            case Answer.DIFFERENT:
                return False
            case Answer.UNKNOWN:
                return Unknown

    def _at_least(self, left: Size, right: Size) -> bool | UnknownType:
        if left.value is not Unknown and right.value is not Unknown:
            return left.value >= right.value
        if decide(left + _REST, right, self.given) is Answer.DIFFERENT:
            return True
        return False if decide(left, right + _REST - 1, self.given) is Answer.DIFFERENT else Unknown

    def _refuse_contradictions(self, symbols: frozenset[str]) -> None:
        try:
            Assumptions.of(relevant(self.given, symbols), symbols)
        except Contradiction:
            raise Impossible from None


def divisors(polynomial: Polynomial) -> Iterable[Polynomial]:
    """The divisors in a polynomial, at any depth, that are no numbers."""
    for atom in polynomial.parts:
        if isinstance(atom, Compound) and atom.operator in ("//", "%") and not atom.operands[1].is_constant:
            yield atom.operands[1]


def explore(walk: Callable[[Path], None], most: int, zeros: bool, settled: Callable[[], bool]) -> bool:
    """Walks all paths, those with fewer unusual alternatives first; False if there are more than `most`.

    Once it is `settled` what comes of it, those that are quite unusual are left out.
    """
    serial = count()
    waiting: list[tuple[int, int, tuple[int, ...]]] = [(0, next(serial), ())]
    walked = 0
    while waiting and not (walked > _ENOUGH and settled()):
        if walked == most:
            return False
        walked += 1
        unusual, _, picks = heappop(waiting)
        path = Path(picks, zeros)
        with suppress(Impossible):
            walk(path)
        for place in range(len(picks), len(path.counts)):
            usual = (0,) * (place - len(picks))
            for other in range(1, path.counts[place]):
                heappush(waiting, (unusual + 1, next(serial), (*picks, *usual, other)))
    return True
