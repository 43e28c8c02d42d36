"""What the text of a shape says of the sizes of a tensor, `N C=3 T`, as conditions of plain torch.

Conditions that hold for all sizes that the tensor can have there are left out.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from namedtorch.dims.constraint import Constraint
from namedtorch.dims.decide import Answer, decide
from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.schedule import schedule
from namedtorch.dims.shape import Shape
from namedtorch.dims.size import Size
from namedtorch.dims.steps import Bind, Equal, Flat, Format, Rank, Where
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.erase.asked_sizes import written_size
from namedtorch.erase.facts import number
from namedtorch.ops.axes import Rest
from namedtorch.ops.tensor_shape import NoSuchAxis, TensorShape, Undetermined

_ONE: Final = Size.constant(1)

_RELATIONS: Final[Mapping[str, type[ast.cmpop]]] = {
    "==": ast.Eq, "!=": ast.NotEq, "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SizeCheck:
    """A condition of plain torch, and what is wrong where it does not hold."""

    test: ast.expr
    otherwise: str


def size_checks(wanted: Shape, tensor: ast.expr, shapes: Sequence[TensorShape]) -> list[SizeCheck]:
    """What has to be checked of a tensor, an expression that can stand more than once, of these possible shapes."""
    checks = _Checks(tensor, [_Known(one) for one in shapes])
    for one in schedule([(0, wanted)]).steps:
        match one.step:
            case Rank() as step:
                checks.rank(step)
            case Bind() as step:
                checks.bind(step)
            case Equal() as step:
                checks.equal(step)
            case Flat() as step:
                checks.flat(step)
            case Format(memory_format=memory_format):
                checks.stored(memory_format.order, str(memory_format))
            case Where(constraint=constraint):
                checks.where(constraint)
            case _:
                # A group is no size.
                pass
    return checks.found


@dataclass(frozen=True, slots=True)
class _Known:
    """A shape that the tensor can have, and what the dims of the text are there."""

    shape: TensorShape
    dims: dict[str, Size | UnknownType] = field(default_factory=dict[str, Size | UnknownType])

    def axis(self, place: int) -> Size | UnknownType:
        """The size of an axis."""
        try:
            return self.shape.at(place).size
        except (Undetermined, NoSuchAxis, IndexError):
            # That there are so many axes is checked before.
            return Unknown

    def size(self, size: Size) -> Size | UnknownType:
        """A size over the dims of the text."""
        known = {name: one for name, one in self.dims.items() if one is not Unknown}
        if not size.symbols <= known.keys():
            return Unknown
        try:
            return size.substitute(known)
        except (SizeLimitError, ZeroDivisionError):
            return Unknown


@dataclass(slots=True)
class _Checks:
    """The checks so far, and what each dim of the text is as an expression."""

    tensor: ast.expr
    shapes: Sequence[_Known]
    dims: dict[str, ast.expr] = field(default_factory=dict[str, ast.expr])
    found: list[SizeCheck] = field(default_factory=list[SizeCheck])

    def rank(self, step: Rank) -> None:
        """As many axes, or at least as many."""
        if all(_has_rank(one.shape, step) for one in self.shapes):
            return
        kind = ast.GtE if step.at_least else ast.Eq
        counted = f"at least {step.count}" if step.at_least else str(step.count)
        self._add(
            _method(self.tensor, "dim"),
            kind,
            number(step.count),
            f"it does not have {counted} axes",
        )

    def bind(self, step: Bind) -> None:
        """An axis that is a dim: the first one tells its size."""
        if step.broadcast:
            return
        if step.name not in self.dims:
            self.dims[step.name] = self._axis(step.axis)
            for one in self.shapes:
                one.dims[step.name] = one.axis(step.axis)
            return
        self._hold(step.axis, Size.symbol(step.name), f"axis {step.axis} is not `{step.name}`")

    def equal(self, step: Equal) -> None:
        """An axis of a size that is told."""
        label = "" if step.label is Unknown else f"`{step.label}`="
        self._hold(step.axis, step.size, f"axis {step.axis} is not {label}{step.size}", step.broadcast)
        if step.label is not Unknown:
            self._label(step.label, step.size)

    def flat(self, step: Flat) -> None:
        """An axis that is a product, of which one factor may be open."""
        product, left = _ONE, list[str]()
        for factor in step.factors:
            if factor.size is Unknown and factor.name is not Unknown and factor.name not in self.dims:
                left.append(factor.name)
            elif factor.size is not Unknown:
                product = product * factor.size
            elif factor.name is not Unknown:
                product = product * Size.symbol(factor.name)
        for factor in step.factors:
            if factor.size is not Unknown and factor.name is not Unknown:
                self._label(factor.name, factor.size)
        text = " ".join(str(one) for one in step.factors)
        if not left:
            self._hold(step.axis, product, f"axis {step.axis} is not `({text})`")
        elif len(left) == 1:
            self._split(
                step.axis, product, left[0], f"axis {step.axis} is not `({text})`, a multiple of {product}"
            )

    def stored(self, order: tuple[int, ...] | None, text: str) -> None:
        """Stored in an order of axes."""
        turned = self.tensor
        if order is not None:
            turned = _method(turned, "permute", *map(number, order))
        self.found.append(SizeCheck(_method(turned, "is_contiguous"), f"it is not stored as {text}"))

    def where(self, constraint: Constraint) -> None:
        """A relation of sizes."""
        if all(_surely_holds(one, constraint) for one in self.shapes):
            return
        left, right = self._written(constraint.left), self._written(constraint.right)
        self._add(left, _RELATIONS[constraint.relation], right, f"{constraint} does not hold")

    # Sizes

    def _axis(self, place: int) -> ast.expr:
        return _method(self.tensor, "size", number(place))

    def _written(self, size: Size) -> ast.expr:
        return written_size(size, self.dims)

    def _hold(self, place: int, size: Size, otherwise: str, broadcast: bool = False) -> None:
        if all(_are_equal(one.axis(place), one.size(size)) for one in self.shapes):
            return
        test = _compared(self._axis(place), ast.Eq, self._written(size))
        if broadcast:
            test = ast.BoolOp(ast.Or(), [_compared(self._axis(place), ast.Eq, number(1)), test])
        self.found.append(SizeCheck(test, otherwise))

    def _label(self, name: str, size: Size) -> None:
        """A dim whose size the text tells."""
        if name not in self.dims:
            self.dims[name] = self._written(size)
            for one in self.shapes:
                one.dims[name] = one.size(size)
        elif not all(_are_equal(one.dims[name], one.size(size)) for one in self.shapes):
            self._add(self.dims[name], ast.Eq, self._written(size), f"`{name}` is not {size}")

    def _split(self, place: int, product: Size, left: str, otherwise: str) -> None:
        """A product whose last factor is what the others leave."""
        if product == _ONE:
            self.dims[left] = self._axis(place)
        else:
            if not all(_divides(one.size(product), one.axis(place)) for one in self.shapes):
                rest = ast.BinOp(self._axis(place), ast.Mod(), self._written(product))
                self._add(rest, ast.Eq, number(0), otherwise)
            self.dims[left] = ast.BinOp(self._axis(place), ast.FloorDiv(), self._written(product))
        for one in self.shapes:
            one.dims[left] = _divided(one.axis(place), one.size(product))

    def _add(self, left: ast.expr, kind: type[ast.cmpop], right: ast.expr, otherwise: str) -> None:
        self.found.append(SizeCheck(_compared(left, kind, right), otherwise))


def _compared(left: ast.expr, kind: type[ast.cmpop], right: ast.expr) -> ast.expr:
    return ast.Compare(left, [kind()], [right])


def _method(owner: ast.expr, name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Attribute(owner, name, ast.Load()), list(arguments), [])


def _has_rank(shape: TensorShape, step: Rank) -> bool:
    known = sum(not isinstance(axis, Rest) for axis in shape.axes)
    return known >= step.count if step.at_least else shape.rank == step.count


def _are_equal(left: Size | UnknownType, right: Size | UnknownType) -> bool:
    return left is not Unknown and right is not Unknown and decide(left, right) is Answer.EQUAL


def _divides(by: Size | UnknownType, size: Size | UnknownType) -> bool:
    if by is Unknown or size is Unknown:
        return False
    try:
        return _are_equal(size % by, Size.constant(0))
    except (SizeLimitError, ZeroDivisionError):
        return False


def _divided(size: Size | UnknownType, by: Size | UnknownType) -> Size | UnknownType:
    if by is Unknown or size is Unknown:
        return Unknown
    try:
        return size // by
    except (SizeLimitError, ZeroDivisionError):
        return Unknown


def _surely_holds(known: _Known, constraint: Constraint) -> bool:
    left, right = known.size(constraint.left), known.size(constraint.right)
    if left is Unknown or right is Unknown:
        return False
    if constraint.relation in ("==", "<=", ">=") and _are_equal(left, right):
        return True
    return not left.symbols and not right.symbols and Constraint(left, constraint.relation, right).holds({})
