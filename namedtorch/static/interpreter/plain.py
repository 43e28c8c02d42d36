"""Values as the table reads them, and values of the table as programs see them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.tensor_shape import SCALAR, TensorShape
from namedtorch.ops.values import Array, Fields, Names, Several, Untyped, Value
from namedtorch.static.interpreter.domain import (
    LAYER,
    Chain,
    DictValue,
    External,
    Given,
    Instance,
    Iterated,
    Layer,
    ListValue,
    Many,
    Real,
    ShapeOf,
    Val,
    held_items,
)
from namedtorch.static.interpreter.join import join
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
            size = given_size(path)
            return size if size is Unknown else Untyped(size.polynomial)
        case Real():
            return Array(SCALAR)
        case DictValue() if not value.is_open and not any(name.startswith("#") for name in value.entries):
            entries = value.entries
            return Fields(tuple(entries), tuple(as_rule_value(one) for one in entries.values()))
        case Layer(attributes=attributes):
            return Fields(tuple(attributes), tuple(as_rule_value(one) for one in attributes.values()))
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
        case Several(item=item):
            return Many(item)
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
        case Instance(cell=cell):
            held = cell.get(LAYER, Unknown)
            return items_of(held) if isinstance(held, Chain) else Unknown
        case ListValue(cell=cell) | Chain(cell=cell):
            held = held_items(cell)
            return held if isinstance(held, tuple) else Unknown
        case Iterated(items=items):
            return items
        case Fields(items=fields):
            return tuple(map(as_program_value, fields))
        case DictValue():
            return Unknown if value.is_open else tuple(map(key_value, value.entries))
        case str():
            return tuple(value) if len(value) <= 64 else Unknown
        case _:
            return Unknown


def as_index(key: Val) -> Val:
    """The index of a tensor; names and what is taken of their dims, `x["C", 0]`, as a mapping."""
    if not isinstance(key, tuple) or not any(isinstance(one, str) for one in key):
        return key
    names, taken = key[::2], key[1::2]
    texts = [one for one in names if isinstance(one, str)]
    if len(texts) < len(names) or len(names) != len(taken) or len(set(texts)) < len(texts):
        return Unknown
    return DictValue.of(dict(zip(texts, taken, strict=True)))


def key_value(key: str) -> Val:
    """The key of a dict as a value."""
    return Size.constant(int(key[1:])) if key.startswith("#") and key[1:].lstrip("-").isdigit() else key


def item_of(value: Val) -> Val:
    """The value that any item of a sequence of unknown length has."""
    match value:
        case Many(item=item):
            return item
        case ListValue(cell=cell) | Chain(cell=cell):
            held = held_items(cell)
            return held.item if isinstance(held, Many) else Unknown
        case Array(shape=shape):
            # Iterating over a tensor goes along its first axis.
            if shape.rest != 0 and shape.axes:
                return replace(value, shape=shape.without([0]))
            names = Names.SOME if value.names is Names.ALL else value.names
            return Array(names=names) if shape.rest == 0 else Unknown
        case _:
            return Unknown


MOST_PARTS: Final = 4_096
"""Sequences of more parts, those inside of parts included, are not followed: each line of a program can double them."""


def is_followed(items: Sequence[Val]) -> bool:
    """Whether a sequence of these items is small enough to be known item by item."""
    left = MOST_PARTS
    waiting = [items]
    while waiting:
        part = waiting.pop()
        left -= len(part)
        if left < 0:
            return False
        for one in part:
            inner = held_items(one.cell) if isinstance(one, ListValue) else one
            if isinstance(inner, tuple) and inner:
                waiting.append(inner)
    return True


def a_list(items: Sequence[Val]) -> ListValue:
    """A new list."""
    cell: Cell = {"items": tuple(items)}
    return ListValue(cell)


def any_item(value: Val) -> Val:
    """The value that any of the items has."""
    items = items_of(value)
    if items is not Unknown:
        result: Val = items[0] if items else Unknown
        for one in items[1:]:
            result = join(result, one)
        return result
    return item_of(value)
