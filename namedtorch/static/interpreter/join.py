"""What is known of a value that is one of two, where branches meet."""

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis, Rest
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array, Untyped
from namedtorch.static.interpreter.carried import joined_names
from namedtorch.static.interpreter.domain import (
    Bound,
    Chain,
    DictValue,
    Function,
    Instance,
    Layer,
    ListValue,
    Many,
    Maybe,
    OneOf,
    Partial,
    Real,
    Val,
    held_items,
)

MAX_MEMBERS = 4
"""A value that may be one of more callables is `Unknown`."""

_CALLABLE = (Layer, Chain, Instance, Function, Bound, Partial)


def join(left: Val, right: Val) -> Val:
    """The value that is either of two."""
    if left is right:
        return left
    if left is Unknown or right is Unknown:
        return Unknown
    if left is None or right is None:
        other = right if left is None else left
        if isinstance(other, Maybe) or other is None:
            return other
        return Maybe(other)
    if isinstance(left, Maybe) or isinstance(right, Maybe):
        inner = join(
            left.value if isinstance(left, Maybe) else left,
            right.value if isinstance(right, Maybe) else right,
        )
        return Unknown if inner is Unknown else Maybe(inner)
    if (
        type(left) is type(right)
        and not isinstance(left, (*_CALLABLE, ListValue, DictValue))
        and left == right
    ):
        return left
    if isinstance(left, Array) and isinstance(right, Array):
        dtype = left.dtype if left.dtype == right.dtype else Unknown
        shape = join_shapes(left.shape, right.shape)
        return Array(shape, dtype, joined_names(left, right, shape))
    if isinstance(left, tuple) and isinstance(right, tuple):
        if len(left) == len(right):
            return tuple(join(one, other) for one, other in zip(left, right, strict=True))
        return Unknown
    if isinstance(left, ListValue) and isinstance(right, ListValue):
        items, others = held_items(left.cell), held_items(right.cell)
        if isinstance(items, tuple) and isinstance(others, tuple) and len(items) == len(others):
            return ListValue(
                {"items": tuple(join(one, other) for one, other in zip(items, others, strict=True))}
            )
        return Unknown
    if isinstance(left, Many) and isinstance(right, Many):
        return Many(join(left.item, right.item))
    if _is_number(left) and _is_number(right):
        return Real()
    return _one_of(left, right)


def _is_number(value: Val) -> bool:
    """Whether a value surely is a number, and no tensor."""
    return isinstance(value, Size | float | Real) and not isinstance(value, Untyped)


def _one_of(left: Val, right: Val) -> Val:
    members = [
        *(left.members if isinstance(left, OneOf) else (left,)),
        *(right.members if isinstance(right, OneOf) else (right,)),
    ]
    found: list[Val] = []
    for member in members:
        if not isinstance(member, _CALLABLE):
            return Unknown
        if not any(member is one or (isinstance(member, Bound | Partial) and member == one) for one in found):
            found.append(member)
    if len(found) == 1:
        return found[0]
    return OneOf(tuple(found)) if len(found) <= MAX_MEMBERS else Unknown


def join_shapes(left: TensorShape, right: TensorShape) -> TensorShape:
    """The shape that is either of two: axes that differ are not known, nor are ranks that do."""
    if left == right:
        return left
    if len(left.axes) == len(right.axes) and left.rest == right.rest:
        return TensorShape(
            tuple(_join_axes(one, other) for one, other in zip(left.axes, right.axes, strict=True))
        )
    tail: list[Axis] = []
    for one, other in zip(reversed(left.axes), reversed(right.axes), strict=False):
        if isinstance(one, Rest) or isinstance(other, Rest):
            break
        joined = _join_axes(one, other)
        assert isinstance(joined, Axis)
        tail.insert(0, joined)
    return TensorShape((Rest(), *tail))


def _join_axes(left: Axis | Rest, right: Axis | Rest) -> Axis | Rest:
    if left == right:
        return left
    if isinstance(left, Rest) or isinstance(right, Rest):
        return Rest()
    carried = left.carried if left.carried == right.carried else Unknown
    if left.size is not Unknown and left.size == right.size:
        parts = left.parts if left.parts == right.parts else ()
        name = left.name if left.name == right.name else Unknown
        return Axis(left.size, name, parts, carried=carried)
    return Axis(carried=carried)


def same_value(left: Val, right: Val) -> bool:
    """Whether a join changed nothing: the end of a loop's fixed point."""
    if left is right:
        return True
    if isinstance(left, ListValue) and isinstance(right, ListValue):
        items, others = held_items(left.cell), held_items(right.cell)
        if not isinstance(items, tuple) or not isinstance(others, tuple):
            return items is others
        return len(items) == len(others) and all(map(same_value, items, others))
    if isinstance(left, Size | Array | tuple | Many | Maybe | OneOf | str | bool | float):
        return type(left) is type(right) and left == right
    return left == right
