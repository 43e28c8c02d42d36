"""Values as the table reads them, and values of the table as programs see them."""

from collections.abc import Sequence

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.tensor_shape import SCALAR, TensorShape
from namedtorch.ops.values import Array, Fields, Several, Value
from namedtorch.static.interpreter.domain import (
    Chain,
    DictValue,
    External,
    Given,
    Iterated,
    ListValue,
    Many,
    Real,
    ShapeOf,
    Val,
)
from namedtorch.static.interpreter.store import Cell


def as_rule_value(value: Val) -> Value:
    """A value as rules read it; what they know nothing of is `Unknown`."""
    match value:
        case Array() | Size() | bool() | float() | complex() | str() | slice() | Fields() | None:
            return value
        case ListValue() | Chain():
            listed = items_of(value)
            if listed is not Unknown:
                return [as_rule_value(one) for one in listed]
            return _several(item_of(value))
        case Many(item=item):
            return _several(item)
        case Iterated(items=items):
            return [as_rule_value(one) for one in items]
        case tuple():
            return tuple(as_rule_value(one) for one in value)
        case Given(path=path):
            return given_size(path)
        case Real():
            return Array(SCALAR)
        case External(name=name) if name.startswith("torch."):
            # A dtype, a memory format.
            return name
        case _:
            return Ellipsis if value is Ellipsis else Unknown


def _several(item: Val) -> Value:
    """A list of unknown length of tensors that are alike."""
    return Several(item) if isinstance(item, Array) else Unknown


def as_program_value(value: Value) -> Val:
    """What a rule gave, as programs see it: lists are lists of theirs."""
    match value:
        case list():
            return ListValue({"items": tuple(as_program_value(one) for one in value)})
        case tuple():
            return tuple(as_program_value(one) for one in value)
        case _:
            return value


def given_size(path: str) -> Size | UnknownType:
    """The size that a constructor argument is; `Unknown` for a path that names no size."""
    try:
        return Size.symbol("{" + path + "}")
    except ValueError:
        return Unknown


def as_number(value: Val) -> Size | UnknownType:
    """A value as a size: integers, and constructor arguments."""
    if isinstance(value, Size):
        return value
    if isinstance(value, Given):
        return given_size(value.path)
    if isinstance(value, bool):
        return Size.constant(int(value))
    return Unknown


def shape_value(shape: TensorShape) -> Val:
    """`x.shape`: a tuple of sizes."""
    if shape.rest is not Unknown:
        return ShapeOf(shape)
    return tuple(axis.size for axis in shape.fixed)


def items_of(value: Val) -> tuple[Val, ...] | UnknownType:
    """The items of a sequence that are known one by one."""
    match value:
        case tuple():
            return value
        case ListValue(cell=cell) | Chain(cell=cell):
            held = cell["items"]
            return held if isinstance(held, tuple) else Unknown
        case Iterated(items=items):
            return items
        case Fields(items=items):
            return items
        case DictValue():
            return Unknown if value.is_open else tuple(map(key_value, value.entries))
        case str():
            return tuple(value) if len(value) <= 64 else Unknown
        case _:
            return Unknown


def key_value(key: str) -> Val:
    """The key of a dict as a value."""
    return Size.constant(int(key[1:])) if key.startswith("#") and key[1:].lstrip("-").isdigit() else key


def item_of(value: Val) -> Val:
    """The value that any item of a sequence of unknown length has."""
    match value:
        case Many(item=item):
            return item
        case ListValue(cell=cell) | Chain(cell=cell) if isinstance(cell["items"], Many):
            return cell["items"].item
        case Array(shape=shape):
            # Iterating over a tensor goes along its first axis.
            if shape.rest != 0 and shape.axes:
                return Array(shape.without([0]), value.dtype)
            return Array() if shape.rest == 0 else Unknown
        case _:
            return Unknown


def a_list(items: Sequence[Val]) -> ListValue:
    """A new list."""
    cell: Cell = {"items": tuple(items)}
    return ListValue(cell)
