"""The judge of source code: which sizes may meet, given where their symbols come from and what the path assumes."""

from dataclasses import replace
from fractions import Fraction
from typing import Final

from namedtorch.dims.constraint import Constraint
from namedtorch.dims.decide import Answer, decide
from namedtorch.dims.polynomial import Compound, Polynomial, SizeLimitError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis, Rest
from namedtorch.ops.judge import Meeting, Misfit, either_name, name_conflict
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.static.interpreter.store import Cell, Journal

ARGUMENT_MARK: Final = "{"
"""What the symbols of constructor arguments begin with: `{in_channels}`."""

FLEXIBLE_MARK: Final = "{?"
"""What the symbols of sizes begin with that only code fixes."""

_PROBES: Final = (
    (1_009, 2_003, 4_001, 8_009, 16_001, 32_003, 64_007, 128_021),
    (911, 3_019, 5_009, 7_013, 17_011, 31_013, 61_007, 127_031),
)


def is_argument(symbol: str) -> bool:
    """Whether a symbol is a constructor argument."""
    return symbol.startswith(ARGUMENT_MARK) and not symbol.startswith(FLEXIBLE_MARK)


def is_rigid(symbol: str) -> bool:
    """Whether a symbol is a dim written in an annotation."""
    return not symbol.startswith(ARGUMENT_MARK)


class StaticJudge:
    """Judges sizes on one path through one function.

    `known` maps dims to the sizes that the path has shown them to have; `given` are the constraints that it assumes,
    `certain` tells whether every call comes here, `promised` whether the function itself says that sizes are equal.
    """

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.known: Cell = {}
        self.path: Cell = {"given": ()}
        self.certain = True
        self.promised = False
        self.notices: list[Misfit] = []

    # What the path has shown

    @property
    def given(self) -> tuple[Constraint, ...]:
        """The constraints that hold on this path."""
        return self.path["given"]

    def assume(self, *constraints: Constraint) -> None:
        """Adds constraints that hold from here on."""
        for one in constraints:
            if one.relation == "==":
                self._equate(one.left, one.right)
                self._fix(one.left, one.right)
                self._fix(one.right, one.left)
        self.journal.write(self.path, "given", (*self.given, *constraints)[-24:])

    def resolved(self, size: Size) -> Size:
        """A size with what the path has shown in the place of dims."""
        if not self.known or size.symbols.isdisjoint(self.known):
            return size
        try:
            return size.substitute({name: self.known[name] for name in size.symbols if name in self.known})
        except (SizeLimitError, ZeroDivisionError):
            return size

    def _fix(self, left: Size, right: Size) -> None:
        """Remembers the number that a symbol is, of whatever kind."""
        if left.name is not Unknown and right.value is not Unknown and left.name not in self.known:
            self.journal.write(self.known, left.name, right)

    def settled(self, shape: TensorShape) -> TensorShape:
        """A shape with the numbers that the path has shown in the place of symbols; dims keep their names."""
        if not self.known:
            return shape
        return TensorShape(tuple(self._settled(axis) for axis in shape.axes))

    def _settled(self, axis: Axis | Rest) -> Axis | Rest:
        if isinstance(axis, Rest) or axis.size is Unknown or not axis.size.symbols:
            return axis
        size = self.resolved(axis.size)
        if size.value is Unknown:
            return axis
        return replace(axis, size=size, name=axis.size.name if axis.name is Unknown else axis.name)

    def _equate(self, left: Size, right: Size) -> None:
        """Remembers that two sizes are one, where one of them is a dim."""
        for name, other in ((left.name, right), (right.name, left)):
            if name is Unknown or not is_rigid(name):
                continue
            value = self.resolved(other)
            if name not in value.symbols and name not in self.known:
                self.journal.write(self.known, name, value)
                return

    # The judge of the table

    def meet(self, left: Axis, right: Axis) -> Meeting:
        """Whether two axes may be one; of two sizes that may be, the one stays that says more."""
        if name_conflict(left, right):
            return Meeting(False, Axis())
        carried = either_name(left, right)
        if left.size is Unknown or right.size is Unknown:
            known = right if left.size is Unknown else left
            return Meeting(True, known.called(carried))
        if not self.needs(left.size, right.size) and not self._are_namesakes(left, right):
            return Meeting(False, Axis())
        first, second = (left, right) if _rank(left.size) <= _rank(right.size) else (right, left)
        name = first.name if first.name is not Unknown else second.name
        parts = first.parts or second.parts
        return Meeting(True, replace(first, name=name, parts=parts, inserted=False, carried=carried))

    def _are_namesakes(self, left: Axis, right: Axis) -> bool:
        """Whether two dims are taken for one because they carry one name: `k.rename(T="S")` meets a mask of `T S`."""
        if left.carried is Unknown or left.carried != right.carried:
            return False
        one, other = left.size, right.size
        if one is Unknown or other is Unknown or not _both_rigid(one, other):
            return False
        self._equate(one, other)
        return True

    def decide(self, left: Size, right: Size) -> Answer:
        """Whether two sizes are equal, here."""
        if left == right:
            return Answer.EQUAL
        return decide(self.resolved(left), self.resolved(right), self.given)

    def needs(self, left: Size, right: Size) -> bool:
        """Whether code may need two sizes to be equal; where it may, dims are what they have to be from here on."""
        if left == right:
            return True
        one, other = self.resolved(left), self.resolved(right)
        answer = decide(one, other, self.given)
        if answer is not Answer.UNKNOWN:
            return answer is Answer.EQUAL
        if exactly_equal(one, other):
            return True
        if _both_rigid(left, right):
            return False
        if self._conflict(one, other):
            return False
        self._equate(one, other)
        return True

    def _conflict(self, left: Size, right: Size) -> bool:
        """Whether two sizes that are equal for some assignments only are an alarm."""
        symbols = left.symbols | right.symbols
        if any(symbol.startswith(FLEXIBLE_MARK) for symbol in symbols):
            return False
        if any("[" in symbol or "." in symbol for symbol in symbols if is_argument(symbol)):
            # The items of a list, and the fields of a configuration, belong together as they like.
            return False
        names = left.name, right.name
        if names[0] is not Unknown and names[1] is not Unknown:
            rigid = is_rigid(names[0]), is_rigid(names[1])
            if all(rigid):
                return True
            # A dim takes the size of an argument that a layer needs there.
            return self.certain and not any(rigid)
        difference = left.polynomial.minus(right.polynomial)
        if not difference.symbols or any(isinstance(atom, Compound) for atom in difference.parts):
            return False
        if difference.is_constant or not all(map(is_argument, difference.symbols)):
            return False
        if not left.symbols or not right.symbols:
            return False
        if not all(map(is_argument, symbols)) and not self.promised:
            # `H+2*padding-kernel+1` against `H` is left to who calls, unless the function itself says that it is `H`.
            return False
        return self.certain

    def insists(self, left: Size, right: Size) -> bool:
        """Whether the first size is a dim of an annotation, and has no other name that the second one has."""
        name, other = left.name, right.name
        if name is Unknown or not is_rigid(name) or (other is not Unknown and is_rigid(other)):
            return False
        if any(symbol.startswith(FLEXIBLE_MARK) for symbol in right.symbols):
            return False
        return other is Unknown or other.strip("{}") != name

    def notice(self, misfit: Misfit) -> None:
        """Keeps a remark on a call that torch takes."""
        self.notices.append(misfit)


def _both_rigid(left: Size, right: Size) -> bool:
    """Whether two sizes are dims of different names."""
    names = left.name, right.name
    return names[0] is not Unknown and names[1] is not Unknown and is_rigid(names[0]) and is_rigid(names[1])


def exactly_equal(left: Size, right: Size) -> bool:
    """Whether two sizes are equal where every division in them leaves no rest."""
    symbols = sorted(left.symbols | right.symbols)
    if len(symbols) > len(_PROBES[0]):
        return True
    for probe in _PROBES:
        sizes = dict(zip(symbols, probe, strict=False))
        try:
            if _exact(left.polynomial, sizes) != _exact(right.polynomial, sizes):
                return False
        except ZeroDivisionError:
            return True
    return True


def _exact(polynomial: Polynomial, sizes: dict[str, int]) -> Fraction:
    result = Fraction(0)
    for monomial, number in polynomial.terms:
        value = Fraction(number)
        for atom, exponent in monomial:
            value *= _exact_atom(atom, sizes) ** exponent
        result += value
    return result


def _exact_atom(atom: str | Compound, sizes: dict[str, int]) -> Fraction:
    if not isinstance(atom, Compound):
        return Fraction(sizes[atom])
    values = [_exact(operand, sizes) for operand in atom.operands]
    match atom.operator:
        case "//":
            return values[0] / values[1]
        case "%":
            return Fraction(0)
        case "min":
            return min(values)
        case "max":
            return max(values)


def _rank(size: Size) -> int:
    """Sizes that say more come first: dims, numbers, arguments, what is computed of them, and what code fixes."""
    name = size.name
    if name is not Unknown and is_rigid(name):
        return 0
    if not size.symbols:
        return 1
    if any(symbol.startswith(FLEXIBLE_MARK) for symbol in size.symbols):
        return 5
    if all(map(is_argument, size.symbols)):
        return 2 if name is not Unknown else 3
    return 4
