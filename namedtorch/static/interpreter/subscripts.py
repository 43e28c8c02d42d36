"""Subscripts: of tensors, sequences, dicts, shapes and containers of modules."""

import ast
from collections.abc import Sequence

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.call import place_of
from namedtorch.ops.judge import Misfit
from namedtorch.ops.table import operator_for
from namedtorch.ops.tensor_shape import NoSuchAxis, Undetermined
from namedtorch.ops.values import Array, Fields, Names
from namedtorch.static.interpreter.carried import index_misfit
from namedtorch.static.interpreter.domain import (
    Chain,
    DictValue,
    External,
    Given,
    Iterated,
    ListValue,
    Many,
    Maybe,
    ShapeOf,
    Val,
    held_items,
)
from namedtorch.static.interpreter.expressions import evaluate
from namedtorch.static.interpreter.machine import Machine
from namedtorch.static.interpreter.operators import operate
from namedtorch.static.interpreter.plain import a_list, as_index, as_number, item_of, items_of


def subscript(machine: Machine, node: ast.Subscript) -> Val:
    """The value of `value[key]`."""
    value = evaluate(machine, node.value)
    if isinstance(value, External):
        return value
    key = evaluate(machine, node.slice)
    if isinstance(value, Maybe):
        value = value.value
    match value:
        case Array():
            rule = operator_for("operator.getitem")
            misfit = index_misfit(key) if value.names is not Names.NONE else None
            if misfit is not None:
                machine.fault(misfit, node, {"index": node.slice}, {"index": key})
            if rule is Unknown or misfit is not None:
                return Unknown
            return operate(machine, rule, [value, as_index(key)], {}, node, [node.value, node.slice])
        case tuple() | Fields():
            items = items_of(value)
            return Unknown if items is Unknown else _item(machine, items, key, node)
        case ListValue() | Iterated():
            items = items_of(value)
            if items is Unknown:
                return value if isinstance(key, slice) else item_of(value)
            found = _item(machine, items, key, node)
            return a_list(found) if isinstance(key, slice) and isinstance(found, tuple) else found
        case Chain(cell=cell, runs=runs):
            items = held_items(cell)
            if not isinstance(items, tuple):
                return value if isinstance(key, slice) else item_of(value)
            found = _item(machine, items, key, node)
            return (
                Chain({"items": found}, runs)
                if isinstance(key, slice) and isinstance(found, tuple)
                else found
            )
        case DictValue(cell=cell):
            name = f"#{key.value}" if isinstance(key, Size) and key.value is not Unknown else key
            if isinstance(key, str) and key not in cell and _is_sizes(node.value):
                return _of_no_size(machine, node, key)
            return cell.get(name, Unknown) if isinstance(name, str) else Unknown
        case Many(item=item):
            return value if isinstance(key, slice) else item
        case ShapeOf():
            return _of_shape(value, key)
        case Given(path=path):
            number = as_number(key)
            if isinstance(key, str):
                return (
                    Given(f"{path}.{key}" if key.isidentifier() else f"{path}[{key!r}]")
                    if " " not in key
                    else Unknown
                )
            return (
                Given(f"{path}[{number.value}]")
                if number is not Unknown and number.value is not Unknown
                else Unknown
            )
        case _:
            return Unknown


def _item(machine: Machine, items: Sequence[Val], key: Val, node: ast.Subscript) -> Val:
    number = as_number(key)
    if number is not Unknown:
        place = number.value
        if place is Unknown:
            return Unknown
        if -len(items) <= place < len(items):
            return items[place]
        if _is_shape(node.value) and not isinstance(key, bool):
            misfit = Misfit(
                "axis-out-of-range", f"axis {place} is asked for, but `input` has {len(items)} axes", "input"
            )
            inner = node.value.value if isinstance(node.value, ast.Attribute) else node.value
            machine.fault(misfit, node, {"input": inner}, {})
        return Unknown
    if isinstance(key, slice):
        parts: list[int | None] = []
        for one in (key.start, key.stop, key.step):
            size = as_number(one)
            if one is not None and (size is Unknown or size.value is Unknown):
                return Unknown
            parts.append(None if one is None or size is Unknown or size.value is Unknown else size.value)
        return tuple(items[slice(*parts)]) if parts[2] != 0 else Unknown
    return Unknown


def _is_sizes(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "sizes"


def _of_no_size(machine: Machine, node: ast.Subscript, name: str) -> Val:
    """`x.sizes["T"]` of a NamedTensor that has no `T`."""
    assert isinstance(node.value, ast.Attribute)
    machine.quiet += 1
    try:
        owner = evaluate(machine, node.value.value)
    finally:
        machine.quiet -= 1
    if isinstance(owner, Array) and owner.names is Names.ALL:
        try:
            place_of(owner.shape, name, "input", f"`sizes` is asked for {name!r}")
        except Misfit as misfit:
            machine.fault(misfit, node, {"input": node.value.value}, {"input": owner})
    return Unknown


def _is_shape(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "shape"


def _of_shape(value: ShapeOf, key: Val) -> Val:
    shape = value.shape
    number = as_number(key)
    if number is not Unknown and number.value is not Unknown:
        try:
            return shape.at(number.value).size
        except (Undetermined, NoSuchAxis):
            return Unknown
    if isinstance(key, slice):
        return _slice_of_shape(value, key)
    return Unknown


def _slice_of_shape(value: ShapeOf, key: slice) -> Val:
    """A slice that begins and ends in the axes that are known one by one."""
    shape, rest = value.shape, value.shape.rest
    if rest is Unknown or key.step is not None:
        return Unknown
    places: list[int] = []
    for one, default in ((key.start, 0), (key.stop, len(shape.axes))):
        number = as_number(one)
        if one is None:
            places.append(default)
            continue
        if number is Unknown or number.value is Unknown:
            return Unknown
        at = number.value
        behind = len(shape.axes) - rest - 1
        if 0 <= at <= rest:
            places.append(at)
        elif -behind <= at < 0:
            places.append(len(shape.axes) + at)
        else:
            return Unknown
    axes = shape.axes[places[0] : places[1]]
    if all(isinstance(axis, Axis) for axis in axes):
        return tuple(axis.size for axis in axes if isinstance(axis, Axis))
    return ShapeOf(type(shape)(axes))
