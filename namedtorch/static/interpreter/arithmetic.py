"""Arithmetic and comparison of sizes and other plain values."""

import ast
import operator
from collections.abc import Callable
from typing import Final

from namedtorch.dims.constraint import Constraint, Relation
from namedtorch.dims.decide import Answer
from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.values import Array
from namedtorch.static.interpreter.domain import (
    DictValue,
    External,
    Given,
    ListValue,
    Many,
    Maybe,
    Method,
    OneOf,
    Real,
    ShapeOf,
    Text,
    Val,
)
from namedtorch.static.interpreter.judge import StaticJudge, is_rigid
from namedtorch.static.interpreter.plain import a_list, as_number, is_followed, items_of

_ON_SIZES: Final[dict[type[ast.operator], Callable[[Size, Size], Size]]] = {
    ast.Add: Size.__add__,
    ast.Sub: Size.__sub__,
    ast.Mult: Size.__mul__,
    ast.FloorDiv: Size.__floordiv__,
    ast.Mod: Size.__mod__,
}

_ON_FLOATS: Final[dict[type[ast.operator], Callable[[float, float], object]]] = {
    ast.Add: float.__add__,
    ast.Sub: float.__sub__,
    ast.Mult: float.__mul__,
    ast.FloorDiv: float.__floordiv__,
    ast.Mod: float.__mod__,
    ast.Div: float.__truediv__,
    ast.Pow: float.__pow__,
}

OPERATORS: Final[dict[type[ast.operator], str]] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
    ast.BitAnd: "and_",
    ast.BitOr: "or_",
    ast.BitXor: "xor",
    ast.LShift: "lshift",
    ast.RShift: "rshift",
}
"""Python's binary operators as the table spells them, `operator.add`."""

COMPARISONS: Final[dict[type[ast.cmpop], str]] = {
    ast.Eq: "eq",
    ast.NotEq: "ne",
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Gt: "gt",
    ast.GtE: "ge",
}
"""Comparisons as the table spells them."""

_RELATIONS: Final[dict[type[ast.cmpop], Relation]] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}

_NEGATED: Final[dict[Relation, Relation]] = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
}

LONGEST: Final = 512
"""Lists that repetition makes longer are not followed."""


def binary(kind: type[ast.operator], left: Val, right: Val) -> Val:
    """The value of `left + right` and the like for values that are no tensors."""
    sequences = _sequences(kind, left, right)
    if sequences is not Unknown:
        return sequences
    if isinstance(left, str | Text) or isinstance(right, str | Text):
        if not (isinstance(left, str) and isinstance(right, str) and kind is ast.Add):
            return Text()
        return left + right if len(left) + len(right) < LONGEST else Text()
    one, other = as_number(left), as_number(right)
    if one is not Unknown and other is not Unknown:
        return _sizes(kind, one, other)
    if isinstance(left, float | Real) or isinstance(right, float | Real):
        return _floats(kind, left, right)
    return Unknown


def _sizes(kind: type[ast.operator], left: Size, right: Size) -> Val:
    try:
        if kind in _ON_SIZES:
            return _ON_SIZES[kind](left, right)
        if kind is ast.Pow and right.value is not Unknown and 0 <= right.value <= 64:
            return left**right.value
        if kind is ast.Div and left.value is not Unknown and right.value is not Unknown:
            return left.value / right.value
    except (SizeLimitError, ZeroDivisionError, OverflowError):
        return Unknown
    return Real() if kind in (ast.Div, ast.Pow) else Unknown


def _floats(kind: type[ast.operator], left: Val, right: Val) -> Val:
    one, other = as_float(left), as_float(right)
    if kind not in _ON_FLOATS:
        return Unknown
    if one is Unknown or other is Unknown:
        numbers = isinstance(left, float | Real | Size | Given) and isinstance(
            right, float | Real | Size | Given
        )
        return Real() if numbers else Unknown
    try:
        result = _ON_FLOATS[kind](one, other)
    except (ArithmeticError, ValueError):
        return Unknown
    return result if isinstance(result, float) else Unknown


def as_float(value: Val) -> float | UnknownType:
    """A value as a float, where it is a number that is known."""
    if isinstance(value, float):
        return value
    size = as_number(value)
    if size is Unknown or size.value is Unknown or abs(size.value) > 2**1000:
        return Unknown
    return float(size.value)


def _sequences(kind: type[ast.operator], left: Val, right: Val) -> Val:
    if kind is ast.Add:
        if isinstance(left, tuple) and isinstance(right, tuple):
            return (*left, *right)
        if isinstance(left, ListValue) and isinstance(right, ListValue):
            one, other = items_of(left), items_of(right)
            if one is Unknown or other is Unknown or not is_followed((*one, *other)):
                return Unknown
            return a_list((*one, *other))
        if isinstance(left, Many) and isinstance(right, Many):
            return Many(left.item if left.item == right.item else Unknown)
        if isinstance(left, ShapeOf) or isinstance(right, ShapeOf):
            return Unknown
    if kind is ast.Mult:
        for one, other in ((left, right), (right, left)):
            count = as_number(other)
            if isinstance(one, tuple | ListValue):
                items = items_of(one)
                if items is Unknown:
                    return Unknown
                if count is Unknown or count.value is Unknown:
                    return Many(items[0]) if len(items) == 1 else Unknown
                if len(items) * count.value > LONGEST:
                    return Unknown
                repeated = items * count.value
                if not is_followed(repeated):
                    return Unknown
                return repeated if isinstance(one, tuple) else a_list(repeated)
    return Unknown


def compare(kind: type[ast.cmpop], left: Val, right: Val, judge: StaticJudge) -> Val:
    """Whether a comparison of values that are no tensors holds; `Unknown` where that depends."""
    if kind in (ast.Is, ast.IsNot):
        return _identity(kind is ast.Is, left, right)
    if kind in (ast.In, ast.NotIn):
        return _membership(kind is ast.In, left, right)
    one, other = as_number(left), as_number(right)
    if one is not Unknown and other is not Unknown:
        return _holds(Constraint(one, _RELATIONS[kind], other), judge)
    first, second = as_float(left), as_float(right)
    if first is not Unknown and second is not Unknown:
        return _plain_comparison(kind, first, second)
    if kind in (ast.Eq, ast.NotEq):
        equal = _equal(left, right, judge)
        return Unknown if equal is Unknown else equal == (kind is ast.Eq)
    return Unknown


def _plain_comparison(kind: type[ast.cmpop], left: float, right: float) -> bool:
    return bool(getattr(operator, COMPARISONS[kind])(left, right))


def _holds(constraint: Constraint, judge: StaticJudge) -> Val:
    left, right = judge.resolved(constraint.left), judge.resolved(constraint.right)
    one, other = left.value, right.value
    if one is not Unknown and other is not Unknown:
        return Constraint(left, constraint.relation, right).holds({})
    if _is_open(left, right) or _is_open(right, left):
        return Unknown
    if constraint.relation in ("==", "!="):
        answer = judge.decide(left, right)
        if answer is Answer.UNKNOWN:
            return Unknown
        return (answer is Answer.EQUAL) == (constraint.relation == "==")
    return Unknown


def _is_open(number: Size, argument: Size) -> bool:
    """Whether what is no dim is compared with 0 or less: as a size it is more, as anything else it need not be."""
    value = number.value
    return (
        value is not Unknown
        and value <= 0
        and bool(argument.symbols)
        and not any(map(is_rigid, argument.symbols))
    )


def _equal(left: Val, right: Val, judge: StaticJudge) -> bool | UnknownType:
    if isinstance(left, tuple) and isinstance(right, tuple):
        if len(left) != len(right):
            return False
        answers = [compare(ast.Eq, one, other, judge) for one, other in zip(left, right, strict=True)]
        if any(answer is False for answer in answers):
            return False
        return True if all(answer is True for answer in answers) else Unknown
    plain = (str, bool, float, Size, tuple)
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    if left is None or right is None:
        other = right if left is None else left
        if other is None:
            return True
        return False if isinstance(other, (*plain, Array, ListValue)) else Unknown
    if isinstance(left, str | None) != isinstance(right, str | None) and all(
        isinstance(one, plain) for one in (left, right)
    ):
        return False
    if isinstance(left, External) and isinstance(right, External):
        return True if left == right else Unknown
    return Unknown


def _identity(positive: bool, left: Val, right: Val) -> Val:
    if left is None or right is None:
        other = right if left is None else left
        if other is None:
            return positive
        from_nothing = _surely_something(other)
        return Unknown if from_nothing is Unknown else not positive
    if isinstance(left, bool) and isinstance(right, bool):
        return (left == right) == positive
    return Unknown


def _surely_something(value: Val) -> bool | UnknownType:
    """True for a value that surely is not None."""
    # A Method may be any attribute of that name, and hold None.
    if value is Unknown or isinstance(value, Maybe | OneOf | Given | External | Method):
        return Unknown
    return True


def _membership(positive: bool, item: Val, container: Val) -> Val:
    items: tuple[Val, ...] | None = None
    if isinstance(container, tuple):
        items = container
    elif isinstance(container, ListValue | DictValue):
        listed = items_of(container)
        items = None if listed is Unknown else listed
    if items is None or not isinstance(item, str | Size | bool | float | None):
        return Unknown
    if isinstance(item, Size) and item.value is Unknown:
        return Unknown
    if any(type(one) is type(item) and one == item for one in items):
        return positive
    if all(
        one is None
        or isinstance(one, str | bool | float)
        or (isinstance(one, Size) and one.value is not Unknown)
        for one in items
    ):
        return not positive
    return Unknown


def constraints_of(kind: type[ast.cmpop], left: Val, right: Val, positive: bool) -> list[Constraint]:
    """What holds where a comparison of sizes is true, or where it is not."""
    if kind not in _RELATIONS:
        return []
    one, other = as_number(left), as_number(right)
    if one is Unknown or other is Unknown or (not one.symbols and not other.symbols):
        return []
    relation = _RELATIONS[kind]
    return [Constraint(one, relation if positive else _NEGATED[relation], other)]
