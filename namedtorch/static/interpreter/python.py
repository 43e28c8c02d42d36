"""Python's own functions, and the methods of its containers."""

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.values import Array
from namedtorch.static.interpreter.arithmetic import as_float
from namedtorch.static.interpreter.domain import (
    OPEN,
    Chain,
    DictValue,
    External,
    Given,
    Instance,
    Iterated,
    ListValue,
    Many,
    Partial,
    Real,
    ShapeOf,
    Super,
    Text,
    Val,
)
from namedtorch.static.interpreter.join import join
from namedtorch.static.interpreter.machine import Machine
from namedtorch.static.interpreter.plain import a_list, as_number, item_of, items_of, key_value
from namedtorch.static.interpreter.store import MISSING

LONGEST_RANGE: Final = 256
"""Longer ranges are not run through number by number."""

Arguments = Sequence[Val]


def _len(machine: Machine, arguments: Arguments) -> Val:
    value = arguments[0]
    if isinstance(value, Array):
        if value.shape.axes and isinstance(value.shape.axes[0], Axis):
            return value.shape.axes[0].size
        return Unknown
    if isinstance(value, Chain) and isinstance(value.cell["items"], tuple):
        return Size.constant(len(value.cell["items"]))
    if isinstance(value, Given):
        return Given(f"len({value.path})")
    items = items_of(value)
    return Unknown if items is Unknown else Size.constant(len(items))


def _range(machine: Machine, arguments: Arguments) -> Val:
    sizes = [as_number(one) for one in arguments]
    numbers = [size.value for size in sizes if size is not Unknown and size.value is not Unknown]
    if len(numbers) == len(arguments) and 1 <= len(numbers) <= 3:
        try:
            found = range(*(int(one) for one in numbers))
        except ValueError:
            return Unknown
        if len(found) <= LONGEST_RANGE:
            return Iterated(tuple(Size.constant(one) for one in found))
    return Many(Unknown)


def _enumerate(machine: Machine, arguments: Arguments) -> Val:
    items = _all_items(arguments[0])
    start = as_number(arguments[1]) if len(arguments) > 1 else Size.constant(0)
    if items is None or start is Unknown:
        return Many((Unknown, _item(arguments[0])))
    return Iterated(tuple((start + place, item) for place, item in enumerate(items)))


def _zip(machine: Machine, arguments: Arguments) -> Val:
    listed = [_all_items(one) for one in arguments]
    known = [one for one in listed if one is not None]
    if len(known) == len(listed):
        return Iterated(tuple(zip(*known, strict=False)))
    return Many(tuple(_item(one) for one in arguments))


def _all_items(value: Val) -> tuple[Val, ...] | None:
    if isinstance(value, Chain) and isinstance(value.cell["items"], tuple):
        return value.cell["items"]
    items = items_of(value)
    return None if items is Unknown else items


def _item(value: Val) -> Val:
    items = _all_items(value)
    if items is not None:
        result: Val = items[0] if items else Unknown
        for one in items[1:]:
            result = join(result, one)
        return result
    return item_of(value)


def _reversed(machine: Machine, arguments: Arguments) -> Val:
    items = _all_items(arguments[0])
    return Many(_item(arguments[0])) if items is None else Iterated(items[::-1])


def _tuple(machine: Machine, arguments: Arguments) -> Val:
    if not arguments:
        return ()
    items = _all_items(arguments[0])
    if items is None:
        return arguments[0] if isinstance(arguments[0], ShapeOf | Many) else Unknown
    return items


def _list(machine: Machine, arguments: Arguments) -> Val:
    if not arguments:
        return a_list(())
    items = _all_items(arguments[0])
    if items is None:
        return arguments[0] if isinstance(arguments[0], ShapeOf | Many) else Many(_item(arguments[0]))
    return a_list(items)


def _int(machine: Machine, arguments: Arguments) -> Val:
    if not arguments:
        return Size.constant(0)
    value = arguments[0]
    size = as_number(value)
    if size is not Unknown:
        return size
    if isinstance(value, float) and math.isfinite(value):
        return Size.constant(int(value))
    return Unknown


def _float(machine: Machine, arguments: Arguments) -> Val:
    value = as_float(arguments[0]) if arguments else 0.0
    return Real() if value is Unknown else value


def _round(machine: Machine, arguments: Arguments) -> Val:
    value = arguments[0]
    if isinstance(value, float) and len(arguments) == 1 and math.isfinite(value):
        return Size.constant(round(value))
    return value if isinstance(value, Size) else Unknown


def _extremum(least: bool) -> Callable[[Machine, Arguments], Val]:
    def extremum(machine: Machine, arguments: Arguments) -> Val:
        items = arguments if len(arguments) > 1 else _all_items(arguments[0])
        if not items:
            return Unknown
        sizes = [as_number(one) for one in items]
        known = [one for one in sizes if one is not Unknown]
        if len(known) != len(sizes):
            floats = [as_float(one) for one in items]
            plain = [one for one in floats if one is not Unknown]
            return (min(plain) if least else max(plain)) if len(plain) == len(floats) else Unknown
        try:
            return Size.minimum(*known) if least else Size.maximum(*known)
        except SizeLimitError:
            return Unknown

    return extremum


def _sum(machine: Machine, arguments: Arguments) -> Val:
    items = _all_items(arguments[0])
    if items is None:
        return Unknown
    if any(isinstance(one, Array) for one in items):
        tensors = [one for one in items if isinstance(one, Array)]
        return (
            tensors[0]
            if len(tensors) == len(items) and all(one == tensors[0] for one in tensors)
            else Unknown
        )
    result: Val = Size.constant(0)
    for one in items:
        size = as_number(one)
        if size is Unknown or not isinstance(result, Size):
            return Unknown
        try:
            result = result + size
        except SizeLimitError:
            return Unknown
    return result


def _isinstance(machine: Machine, arguments: Arguments) -> Val:
    value, kind = arguments[0], arguments[1]
    names = [one.name for one in (kind if isinstance(kind, tuple) else (kind,)) if isinstance(one, External)]
    count = len(kind) if isinstance(kind, tuple) else 1
    if len(names) != count:
        return Unknown
    own = {
        Array: ("torch.Tensor",),
        Size: ("builtins.int", "numbers.Number", "numbers.Integral"),
        bool: ("builtins.bool", "builtins.int"),
        float: ("builtins.float",),
        str: ("builtins.str",),
        tuple: ("builtins.tuple", "collections.abc.Sequence", "collections.abc.Iterable", "typing.Sequence"),
        ListValue: (
            "builtins.list",
            "collections.abc.Sequence",
            "collections.abc.Iterable",
            "typing.Sequence",
        ),
        DictValue: ("builtins.dict", "collections.abc.Mapping"),
        type(None): ("types.NoneType",),
    }.get(type(value))
    if own is None:
        return Unknown
    known = {
        "builtins.int",
        "builtins.float",
        "builtins.str",
        "builtins.bool",
        "builtins.tuple",
        "builtins.list",
        "builtins.dict",
        "torch.Tensor",
    }
    if any(name in own for name in names):
        return True
    return False if all(name in known for name in names) else Unknown


def _abs(machine: Machine, arguments: Arguments) -> Val:
    value = arguments[0]
    if isinstance(value, Size) and value.value is not Unknown:
        return Size.constant(abs(value.value))
    return value if isinstance(value, Array) else abs(value) if isinstance(value, float) else Unknown


def _prod(machine: Machine, arguments: Arguments) -> Val:
    items = _all_items(arguments[0])
    result = Size.constant(1)
    for one in items or ():
        size = as_number(one)
        if size is Unknown:
            return Unknown
        try:
            result = result * size
        except SizeLimitError:
            return Unknown
    return Unknown if items is None else result


def _of_float(function: Callable[[float], float | int]) -> Callable[[Machine, Arguments], Val]:
    def call(machine: Machine, arguments: Arguments) -> Val:
        value = as_float(arguments[0])
        if function not in (math.ceil, math.floor) and isinstance(arguments[0], Size | Given | Real) and value is Unknown:
            return Real()
        if value is Unknown:
            return (
                arguments[0]
                if function in (math.ceil, math.floor) and isinstance(arguments[0], Size)
                else Unknown
            )
        try:
            result = function(value)
        except (ValueError, OverflowError):
            return Unknown
        return Size.constant(result) if isinstance(result, int) else result

    return call


def _next(machine: Machine, arguments: Arguments) -> Val:
    return _item(arguments[0])


def _sorted(machine: Machine, arguments: Arguments) -> Val:
    items = _all_items(arguments[0])
    return Many(_item(arguments[0])) if items is None or len(items) > 1 else a_list(items)


def _repeat(machine: Machine, arguments: Arguments) -> Val:
    if len(arguments) == 2:
        count = as_number(arguments[1])
        if count is not Unknown and count.value is not Unknown and 0 <= count.value <= LONGEST_RANGE:
            return Iterated((arguments[0],) * count.value)
    return Many(arguments[0])


def _pairwise(machine: Machine, arguments: Arguments) -> Val:
    items = _all_items(arguments[0])
    if items is None:
        return Many((_item(arguments[0]),) * 2)
    return Iterated(tuple(zip(items, items[1:], strict=False)))


def _divmod(machine: Machine, arguments: Arguments) -> Val:
    left, right = as_number(arguments[0]), as_number(arguments[1])
    if left is Unknown or right is Unknown:
        return Unknown
    try:
        return left // right, left % right
    except (ZeroDivisionError, SizeLimitError):
        return Unknown


FUNCTIONS: Final[Mapping[str, Callable[[Machine, Arguments], Val]]] = {
    "builtins.len": _len,
    "builtins.range": _range,
    "builtins.enumerate": _enumerate,
    "builtins.zip": _zip,
    "builtins.reversed": _reversed,
    "builtins.tuple": _tuple,
    "torch.Size": _tuple,
    "builtins.list": _list,
    "builtins.iter": _list,
    "builtins.int": _int,
    "builtins.float": _float,
    "builtins.round": _round,
    "builtins.min": _extremum(True),
    "builtins.max": _extremum(False),
    "builtins.sum": _sum,
    "builtins.isinstance": _isinstance,
    "builtins.abs": _abs,
    "builtins.next": _next,
    "builtins.sorted": _sorted,
    "builtins.divmod": _divmod,
    "math.prod": _prod,
    "numpy.prod": _prod,
    "math.sqrt": _of_float(math.sqrt),
    "numpy.sqrt": _of_float(math.sqrt),
    "math.log2": _of_float(math.log2),
    "math.log": _of_float(math.log),
    "numpy.log2": _of_float(math.log2),
    "math.ceil": _of_float(math.ceil),
    "math.floor": _of_float(math.floor),
    "itertools.repeat": _repeat,
    "itertools.pairwise": _pairwise,
}
"""What Python's functions give."""


def call_python(machine: Machine, name: str, arguments: Arguments, keywords: Mapping[str, Val]) -> Val:
    """What a function of Python's gives; `Unknown` for one that nothing is known of."""
    if name == "functools.partial" and arguments:
        return Partial(arguments[0], tuple(arguments[1:]), tuple(keywords.items()))
    if name in ("builtins.dict", "collections.OrderedDict"):
        return _dict(arguments, keywords)
    if name == "builtins.map" and len(arguments) == 2:
        return _map(machine, arguments[0], arguments[1])
    if name in ("builtins.str", "builtins.repr", "builtins.format"):
        return _text(arguments)
    if name == "builtins.super":
        frame = machine.frame
        if frame.owner is None:
            return Unknown
        return Super(frame.owner, frame.receiver)
    if name == "builtins.getattr" and len(arguments) >= 2 and isinstance(arguments[1], str):
        return (
            machine.parts.attribute(arguments[0], arguments[1], ast.Pass())
            if isinstance(arguments[0], Instance)
            else Unknown
        )
    if name == "builtins.setattr" and len(arguments) == 3 and isinstance(arguments[0], Instance):
        if isinstance(arguments[1], str):
            machine.write(arguments[0].cell, arguments[1], arguments[2])
        return None
    if name == "typing.cast" and len(arguments) == 2:
        return arguments[1]
    function = FUNCTIONS.get(name)
    if function is None or (not arguments and name not in ("builtins.tuple", "builtins.list")):
        return Unknown
    try:
        return function(machine, arguments)
    except (IndexError, TypeError):
        return Unknown


def _text(arguments: Arguments) -> Val:
    if arguments and isinstance(arguments[0], str):
        return arguments[0]
    size = as_number(arguments[0]) if arguments else Unknown
    return Text() if size is Unknown or size.value is Unknown else str(size.value)


def _dict(arguments: Arguments, keywords: Mapping[str, Val]) -> Val:
    cell: dict[str, Val] = {}
    for one in arguments:
        if isinstance(one, DictValue):
            if one.is_open:
                return Unknown
            cell.update(one.entries)
            continue
        items = items_of(one)
        if items is Unknown:
            return Unknown
        for item in items:
            if not isinstance(item, tuple) or len(item) != 2 or not isinstance(item[0], str):
                return Unknown
            cell[item[0]] = item[1]
    cell.update(keywords)
    return DictValue.of(cell)


def _map(machine: Machine, function: Val, value: Val) -> Val:
    items = _all_items(value)
    if items is None:
        return Many(machine.parts.call(function, [_item(value)], {}, ast.Pass()))
    return Iterated(tuple(machine.parts.call(function, [one], {}, ast.Pass()) for one in items))


def call_method(
    machine: Machine, receiver: Val, name: str, arguments: Arguments, keywords: Mapping[str, Val]
) -> Val:
    """What a method of a list, a dict, a tuple or a container of modules gives."""
    match receiver:
        case ListValue(cell=cell) | Chain(cell=cell):
            return _of_list(machine, cell, name, arguments)
        case DictValue():
            return _of_dict(machine, receiver, name, arguments)
        case tuple() if name == "index" or name == "count":
            return Unknown
        case ShapeOf(shape=shape) if name == "numel":
            return shape.elements
        case str() | Text():
            return _of_text(receiver, name, arguments)
        case Given():
            return Unknown
        case _:
            return Unknown


def _of_text(receiver: Val, name: str, arguments: Arguments) -> Val:
    if name in ("lower", "upper", "strip") and isinstance(receiver, str) and not arguments:
        return getattr(receiver, name)()
    if name == "split" and isinstance(receiver, str) and all(isinstance(one, str) for one in arguments):
        return a_list(tuple(receiver.split(*[one for one in arguments if isinstance(one, str)])))
    return Text() if name in ("format", "join", "replace", "lower", "upper", "strip") else Unknown


def _of_list(machine: Machine, cell: dict[str, tuple[Val, ...]], name: str, arguments: Arguments) -> Val:
    items = cell["items"]
    if not isinstance(items, tuple):
        return _of_long_list(machine, cell, name, arguments)
    new: tuple[Val, ...] | None = None
    result: Val = None
    match name, arguments:
        case "append" | "add", [value]:
            new = (*items, value)
        case "extend", [value]:
            more = items_of(value)
            if more is Unknown:
                machine.write(cell, "items", Unknown)
                return None
            new = (*items, *more)
        case "insert", [place, value]:
            at = as_number(place)
            if at is not Unknown and at.value is not Unknown:
                new = (*items[: at.value], value, *items[at.value :])
            else:
                new = (Unknown,) * (len(items) + 1)
        case "pop", _ if items:
            at = as_number(arguments[0]) if arguments else Size.constant(-1)
            place = at.value if at is not Unknown else Unknown
            if place is Unknown or not -len(items) <= place < len(items):
                new = (Unknown,) * (len(items) - 1)
                result = Unknown
            else:
                result = items[place]
                new = tuple(one for index, one in enumerate(items) if index != place % len(items))
        case "reverse", []:
            new = items[::-1]
        case "clear", []:
            new = ()
        case "copy", []:
            return a_list(items)
        case "sort", _:
            new = (Unknown,) * len(items)
        case _:
            return Unknown
    if new is not None:
        machine.write(cell, "items", new)
    return result


def _of_long_list(machine: Machine, cell: dict[str, Any], name: str, arguments: Arguments) -> Val:
    """A method of a list of unknown length, which it stays."""
    items: Val = cell["items"]
    if not isinstance(items, Many):
        return Unknown
    match name, arguments:
        case ("append", [value]) | ("insert", [_, value]):
            machine.write(cell, "items", Many(join(items.item, value)))
        case "extend", [value]:
            machine.write(cell, "items", Many(join(items.item, _item(value))))
        case "pop", _:
            return items.item
        case "copy", []:
            return ListValue({"items": items})
        case _:
            pass
    return None


def _of_dict(machine: Machine, value: DictValue, name: str, arguments: Arguments) -> Val:
    cell = value.cell
    match name, arguments:
        case "get", [str() as key, *rest] if key in cell or not value.is_open:
            return cell.get(key, rest[0] if rest else None)
        case "items" | "values" | "keys", []:
            return _views(value, name)
        case "pop", [str() as key, *rest] if not value.is_open:
            held = cell.get(key, rest[0] if rest else Unknown)
            machine.write(cell, key, MISSING)
            return held
        case "update", [DictValue() as more]:
            for key, held in more.cell.items():
                if key != OPEN or more.is_open:
                    machine.write(cell, key, held)
            return None
        case "setdefault", [str() as key, held]:
            if key not in cell:
                machine.write(cell, key, held)
            return cell[key]
        case "copy", []:
            return DictValue(dict(cell))
        case "get", _:
            return Unknown
        case _:
            for key in value.entries:
                machine.write(cell, key, Unknown)
            machine.write(cell, OPEN, True)
            return Unknown


def _views(value: DictValue, name: str) -> Val:
    entries = value.entries
    if value.is_open:
        held: Val = Unknown
        for place, one in enumerate(entries.values()):
            held = join(held, one) if place else one
        return Many({"items": (Unknown, held), "values": held, "keys": Unknown}[name])
    match name:
        case "items":
            return Iterated(tuple((key_value(key), one) for key, one in entries.items()))
        case "values":
            return Iterated(tuple(entries.values()))
        case _:
            return Iterated(tuple(map(key_value, entries)))
