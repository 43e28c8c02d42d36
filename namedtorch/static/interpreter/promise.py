"""Promises: the values that annotations say there are, in terms of the dims of a function."""

import ast
from collections.abc import Sequence

from namedtorch.dims.attributes import is_attribute
from namedtorch.dims.pattern import Dim, Flattened, Group
from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.shape import Shape
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import Axis, Rest, merged
from namedtorch.ops.tensor_shape import ANY_SHAPE, TensorShape
from namedtorch.ops.values import Array, Names
from namedtorch.signature.hints import (
    Hint,
    ListHint,
    OptionalHint,
    TensorHint,
    TupleHint,
    UnionHint,
)
from namedtorch.static.interpreter.carried import called_as, names_promised
from namedtorch.static.interpreter.domain import Many, Maybe, Val
from namedtorch.static.interpreter.join import join
from namedtorch.static.interpreter.judge import FLEXIBLE_MARK
from namedtorch.static.interpreter.machine import Frame, Machine
from namedtorch.static.interpreter.plain import as_number


def promised(machine: Machine, hint: Hint, frame: Frame) -> Val:
    """The value that a hint promises, in terms of the dims of the frame."""
    match hint:
        case TensorHint(shape=shape, family=family):
            names = names_promised(hint.array, shape)
            found = promised_shape(machine, shape, frame)
            if names in (Names.ALL, Names.SOME) and len(shape.groups) < 2:
                found = called_as(found, shape.axes)
            return Array(found, _dtype(family.name, family.dtypes), names)
        case OptionalHint(inner=inner):
            value = promised(machine, inner, frame)
            return Unknown if value is Unknown else Maybe(value)
        case ListHint(item=item):
            return Many(promised(machine, item, frame))
        case TupleHint(items=items):
            return tuple(promised(machine, one, frame) for one in items)
        case UnionHint(members=members):
            values = [promised(machine, one, frame) for one in members]
            result = values[0]
            for value in values[1:]:
                result = join(result, value)
            return result
        case _:
            return Unknown


def _dtype(name: str, dtypes: Sequence[str] | None) -> str | UnknownType:
    if dtypes is not None and len(dtypes) == 1:
        return dtypes[0]
    return {"Float": "floating", "Int": "integer", "Bool": "bool"}.get(name, Unknown)


def promised_shape(machine: Machine, shape: Shape, frame: Frame) -> TensorShape:
    """The axes that a shape promises; a dim that the frame does not know yet is itself."""
    if len(shape.groups) > 1:
        return ANY_SHAPE
    axes: list[Axis | Rest] = []
    for axis in shape.axes:
        match axis:
            case Dim():
                axes.append(_axis(machine, axis, frame))
            case Flattened(factors=factors):
                axes.append(merged([_axis(machine, one, frame) for one in factors]))
            case Group(name=name, broadcast=broadcast):
                bound = None if name is Unknown or broadcast else frame.groups.get(name)
                if bound is None:
                    axes.append(Rest(Unknown if broadcast else name))
                    if name is not Unknown and not broadcast and frame.generic:
                        frame.groups[name] = (Rest(name),), name
                else:
                    axes.extend(bound[0])
    if sum(isinstance(one, Rest) for one in axes) > 1:
        return ANY_SHAPE
    return TensorShape(tuple(axes))


def _axis(machine: Machine, dim: Dim, frame: Frame) -> Axis:
    if dim.broadcast or dim.each:
        return Axis()
    name = dim.name
    if dim.size is not Unknown:
        size = resolved_size(machine, dim.size, frame)
        if name is not Unknown and size is not Unknown:
            if frame.generic and name not in frame.axes:
                frame.axes[name] = Axis(Size.symbol(name))
                if name not in size.symbols:
                    machine.judge.needs(Size.symbol(name), size)
            return Axis(size, name)
        return Axis(size)
    if name is Unknown:
        return Axis()
    found = frame.axes.get(name)
    if found is None:
        if not frame.generic:
            return Axis()
        found = frame.axes[name] = Axis(Size.symbol(name))
    return found


def resolved_size(machine: Machine, size: Size, frame: Frame) -> Size | UnknownType:
    """A size of an annotation in terms of the frame: its dims and the attributes of `self`."""
    parts: dict[str, Size] = {}
    for symbol in size.symbols:
        if is_attribute(symbol):
            parts[symbol] = attribute_size(machine, symbol, frame)
        elif symbol in frame.axes:
            held = frame.axes[symbol].size
            if held is Unknown:
                return Unknown
            parts[symbol] = held
        elif frame.generic:
            frame.axes[symbol] = Axis(Size.symbol(symbol))
        else:
            return Unknown
    try:
        return size.substitute(parts)
    except (SizeLimitError, ZeroDivisionError):
        return Unknown


def attribute_size(machine: Machine, path: str, frame: Frame) -> Size:
    """The size of `self.hidden`; where it is not known, a size of that name."""
    value: Val = frame.receiver
    first, *names = path.strip("{}").split(".")
    if first == "self":
        for name in names:
            value = machine.parts.attribute(value, name, frame.call or _NOWHERE)
        size = as_number(value)
        if size is not Unknown:
            return size
    elif first in frame.cell:
        value = frame.cell[first]
        for name in names:
            value = machine.parts.attribute(value, name, frame.call or _NOWHERE)
        size = as_number(value)
        if size is not Unknown:
            return size
    return Size.symbol(f"{FLEXIBLE_MARK}{path.strip('{}')}}}")


_NOWHERE = ast.Pass()


def assume_where(machine: Machine, hint: Hint, frame: Frame) -> None:
    """Takes the constraints of an annotation for given."""
    shape = getattr(hint, "shape", None)
    if shape is None:
        inner = getattr(hint, "inner", None)
        if inner is not None:
            assume_where(machine, inner, frame)
        return
    if shape.where:
        machine.judge.assume(*shape.where)
