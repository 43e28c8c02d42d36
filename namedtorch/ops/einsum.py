"""`einsum`: letters name the axes of the operands, and those that the result does not keep are contracted.

Source: https://docs.pytorch.org/docs/stable/generated/torch.einsum.html
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import ANY, Axis, Rest
from namedtorch.ops.broadcasting import broadcast
from namedtorch.ops.call import Call, as_array
from namedtorch.ops.judge import Misfit, either_name, name_conflict
from namedtorch.ops.matmul import CODE, flat
from namedtorch.ops.op_rule import SAME, OpRule
from namedtorch.ops.tensor_shape import TensorShape, Undetermined

BAD: Final = "bad-pattern"
ELLIPSIS: Final = "..."


@dataclass(frozen=True, slots=True)
class Term:
    """What an equation says of one tensor: a name for each axis, and `...` for any number of them."""

    text: str
    names: tuple[str, ...]

    @property
    def named(self) -> int:
        """The number of axes that have names."""
        return sum(name != ELLIPSIS for name in self.names)

    @property
    def open(self) -> bool:
        """Whether there may be more axes than names."""
        return ELLIPSIS in self.names


@dataclass(frozen=True, slots=True)
class Equation:
    """What every operand and the result of an einsum are."""

    operands: tuple[Term, ...]
    result: Term


def read_equation(text: str) -> Equation:
    """Reads `bij,bjk->bik`. Raises `Misfit` where torch refuses it."""
    left, arrow, right = text.replace(" ", "").partition("->")
    operands = tuple(_term(one, text) for one in left.split(","))
    if not arrow:
        counts = Counter(name for term in operands for name in term.names if name != ELLIPSIS)
        once = tuple(sorted(name for name, count in counts.items() if count == 1))
        spread = (ELLIPSIS,) if any(term.open for term in operands) else ()
        return Equation(operands, Term("".join((*spread, *once)), (*spread, *once)))
    result = _term(right, text)
    check_result(operands, result)
    return Equation(operands, result)


def check_result(operands: Sequence[Term], result: Term) -> None:
    """Raises `Misfit` where a result has a name that no operand has, or one twice."""
    for name, count in Counter(result.names).items():
        if name != ELLIPSIS and all(name not in term.names for term in operands):
            raise Misfit(BAD, f"no operand has the `{name}` of its result `{result.text}`", "equation")
        if count > 1:
            raise Misfit(BAD, f"the result `{result.text}` has `{name}` twice", "equation")


def _term(text: str, equation: str) -> Term:
    names: list[str] = []
    place = 0
    while place < len(text):
        if text.startswith(ELLIPSIS, place):
            if ELLIPSIS in names:
                raise Misfit(BAD, f"`{text}` has two ellipses", "equation")
            names.append(ELLIPSIS)
            place += len(ELLIPSIS)
            continue
        letter = text[place]
        if not (letter.isascii() and letter.isalpha()):
            raise Misfit(BAD, f"`{letter}` names no axis in `{equation}`", "equation")
        names.append(letter)
        place += 1
    return Term(text, tuple(names))


def aligned(
    shape: TensorShape, count: int, before: int | UnknownType
) -> tuple[list[int], tuple[Axis | Rest, ...]]:
    """The places of so many named axes, -1 for one that lies in the `Rest`, and the axes that an ellipsis stands for.

    `before` is how many names stand before the ellipsis, `Unknown` where there is none. The ranks agree.
    """
    rest, many = shape.rest, len(shape.axes)
    places: list[int] = []
    for index in range(count):
        if (before is Unknown or index < before) and (rest is Unknown or index < rest):
            places.append(index)
            continue
        # What lies behind an ellipsis, or behind the `Rest`, counts from the right.
        place = many - count + index
        open_place = before is not Unknown and index < before
        places.append(-1 if open_place or (rest is not Unknown and place <= rest) else place)
    if before is Unknown:
        return places, ()
    behind = many - (count - before)
    if rest is Unknown or before <= rest < behind:
        return places, shape.axes[before:behind]
    return places, (Rest(),)


def axis_at(shape: TensorShape, place: int) -> Axis:
    """The axis at a place that `aligned` gives."""
    axis = shape.axes[place] if place >= 0 else ANY
    return axis if isinstance(axis, Axis) else ANY


def check_rank(argument: str, text: str, count: int, spread: bool, shape: TensorShape) -> None:
    """Raises `Misfit` where a pattern names more or fewer axes than an operand has."""
    known = len(shape.axes) - (shape.rest is not Unknown)
    few = known < count and shape.rest is Unknown
    if few or (known > count and not spread):
        least = "at least " if spread else ""
        axes = "axis" if count == 1 else "axes"
        raise Misfit(
            BAD,
            f"`{text.strip()}` names {least}{count} {axes}, but `{argument}` has {known}: {shape}",
            argument,
        )


class Contraction:
    """What the names of an equation are bound to, operand by operand."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.axes: dict[str, Axis] = {}
        self.by: dict[str, tuple[str, int]] = {}
        self.spread: list[TensorShape] = []
        self.spread_by: list[str] = []

    def take(self, argument: str, term: Term, shape: TensorShape) -> None:
        """Binds the names of one operand. Raises `Misfit`."""
        check_rank(argument, term.text, term.named, term.open, shape)
        before = term.names.index(ELLIPSIS) if term.open else Unknown
        places, middle = aligned(shape, term.named, before)
        names = [name for name in term.names if name != ELLIPSIS]
        own: set[str] = set()
        for name, place in zip(names, places, strict=True):
            self._bind(argument, name, place, shape, name in own)
            own.add(name)
        if term.open:
            self.spread.append(TensorShape(middle))
            self.spread_by.append(argument)

    def _bind(self, argument: str, name: str, place: int, shape: TensorShape, diagonal: bool) -> None:
        axis = axis_at(shape, place)
        bound = self.axes.get(name)
        if bound is None:
            self.axes[name] = axis
            self.by[name] = (argument, place)
        else:
            self.axes[name] = self._met(argument, name, place, axis, bound, diagonal)

    def _met(self, argument: str, name: str, place: int, axis: Axis, bound: Axis, diagonal: bool) -> Axis:
        if not name_conflict(axis, bound):
            carried = either_name(bound, axis)
            if not diagonal and (axis.is_one or bound.is_one):
                return (bound if axis.is_one else axis).called(carried)
            if axis.size is Unknown or bound.size is Unknown:
                return (axis if bound.size is Unknown else bound).called(carried)
        by, at = self.by[name]
        return self.call.same(
            axis, bound, CODE, f"`{name}` is axis {at} of `{by}` and axis {place} of `{argument}`",
            argument, place, other=by, other_axis=at,
        )  # fmt: skip

    def result(self, term: Term) -> TensorShape:
        """The shape of the result."""
        axes: list[Axis | Rest] = []
        for name in term.names:
            if name != ELLIPSIS:
                axes.append(self.axes[name])
            elif self.spread:
                axes.extend(broadcast(self.call, self.spread_by, self.spread).axes)
        return TensorShape(tuple(axes))


def contracted(call: Call, equation: Equation, shapes: Sequence[TensorShape], name: str) -> TensorShape:
    """The shape of an einsum of these operands, which are the items of one argument. Raises `Misfit`."""
    if len(shapes) != len(equation.operands):
        many = len(equation.operands)
        raise Misfit(
            BAD, f"it names {many} {'operand' if many == 1 else 'operands'}, and is given {len(shapes)}",
            "equation",
        )  # fmt: skip
    contraction = Contraction(call)
    for place, (term, shape) in enumerate(zip(equation.operands, shapes, strict=True)):
        contraction.take(f"{name}[{place}]", term, shape)
    if contraction.spread and not equation.result.open:
        broadcast(call, contraction.spread_by, contraction.spread)
    return contraction.result(equation.result)


def einsum(call: Call) -> TensorShape:
    """An equation and its operands, one by one or as one list."""
    equation = read_equation(call.text("equation"))
    operands = flat(call.items("operands"))
    if len(operands) == 1 and operands[0] is Unknown:
        # It may be a list of all of them.
        raise Undetermined
    return contracted(call, equation, [as_array(one).shape for one in operands], "operands")


OPERATORS: Final = (OpRule("torch.einsum", "equation, *operands", einsum, dtype=SAME),)
