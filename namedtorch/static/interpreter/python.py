"""Python's own functions."""

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Final

from namedtorch.dims.polynomial import SizeLimitError
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.values import Array, Names
from namedtorch.signature.array import NAMED
from namedtorch.static.interpreter.arithmetic import as_float
from namedtorch.static.interpreter.carried import is_named
from namedtorch.static.interpreter.domain import (
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
from namedtorch.static.interpreter.judge import FLEXIBLE_MARK
from namedtorch.static.interpreter.machine import Machine
from namedtorch.static.interpreter.plain import (
    a_list,
    any_item,
    as_number,
    items_of,
)

LONGEST_RANGE: Final = 256
"""Longer ranges are not run through number by number."""


Arguments = Sequence[Val]


def _len(machine: Machine, arguments: Arguments) -> Val:
    value = arguments[0]
    if isinstance(value, Array):
        if value.shape.axes and isinstance(value.shape.axes[0], Axis):
            return value.shape.axes[0].size
        return Unknown
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
    return Many(_index(machine))


def _index(machine: Machine) -> Size:
    """A number of which nothing is known, counted in a loop."""
    return Size.symbol(f"{FLEXIBLE_MARK}index@{machine.fuel}}}")


def _enumerate(machine: Machine, arguments: Arguments) -> Val:
    items = items_of(arguments[0])
    start = as_number(arguments[1]) if len(arguments) > 1 else Size.constant(0)
    if items is Unknown or start is Unknown:
        return Many((_index(machine), any_item(arguments[0])))
    return Iterated(tuple((start + place, item) for place, item in enumerate(items)))


def _zip(machine: Machine, arguments: Arguments) -> Val:
    listed = [items_of(one) for one in arguments]
    known = [one for one in listed if one is not Unknown]
    if len(known) == len(listed):
        return Iterated(tuple(zip(*known, strict=False)))
    return Many(tuple(any_item(one) for one in arguments))


def _reversed(machine: Machine, arguments: Arguments) -> Val:
    items = items_of(arguments[0])
    return Many(any_item(arguments[0])) if items is Unknown else Iterated(items[::-1])


def _tuple(machine: Machine, arguments: Arguments) -> Val:
    if not arguments:
        return ()
    items = items_of(arguments[0])
    if items is Unknown:
        return arguments[0] if isinstance(arguments[0], ShapeOf | Many) else Unknown
    return items


def _list(machine: Machine, arguments: Arguments) -> Val:
    if not arguments:
        return a_list(())
    items = items_of(arguments[0])
    if items is Unknown:
        return arguments[0] if isinstance(arguments[0], ShapeOf | Many) else Many(any_item(arguments[0]))
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
        items = arguments if len(arguments) > 1 else items_of(arguments[0])
        if items is Unknown or not items:
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
    items = items_of(arguments[0])
    if items is Unknown:
        return Unknown
    if any(isinstance(one, Array) for one in items):
        tensors = [one for one in items if isinstance(one, Array)]
        return (
            tensors[0]
            if len(tensors) == len(items) and all(one == tensors[0] for one in tensors)
            else Unknown
        )
    result = Size.constant(0)
    for one in items:
        size = as_number(one)
        if size is Unknown:
            return Unknown
        try:
            result = result + size
        except SizeLimitError:
            return Unknown
    return result


_SEQUENCES: Final = ("collections.abc.Sequence", "collections.abc.Iterable", "typing.Sequence")

_TYPES: Final[Mapping[type, tuple[str, ...]]] = {
    Array: ("torch.Tensor",),
    Size: ("builtins.int", "numbers.Number", "numbers.Integral"),
    bool: ("builtins.bool", "builtins.int"),
    float: ("builtins.float",),
    str: ("builtins.str",),
    tuple: ("builtins.tuple", *_SEQUENCES),
    ListValue: ("builtins.list", *_SEQUENCES),
    DictValue: ("builtins.dict", "collections.abc.Mapping"),
    type(None): ("types.NoneType",),
}
"""The types that values surely are of."""

_TELLING: Final = frozenset(
    f"builtins.{kind}" for kind in ("int", "float", "str", "bool", "tuple", "list", "dict")
) | {"torch.Tensor"}
"""The types that a value surely is not of if they are none of its own."""


def _isinstance(machine: Machine, arguments: Arguments) -> Val:
    value, kind = arguments[0], arguments[1]
    names = [one.name for one in (kind if isinstance(kind, tuple) else (kind,)) if isinstance(one, External)]
    count = len(kind) if isinstance(kind, tuple) else 1
    if len(names) != count:
        return Unknown
    own = (NAMED,) if is_named(value) else _TYPES.get(type(value))
    if own is None:
        return Unknown
    if any(name in own for name in names):
        return True
    telling = _TELLING | {NAMED} if isinstance(value, Array) and value.names is Names.NONE else _TELLING
    return False if telling.issuperset(names) else Unknown


def _abs(machine: Machine, arguments: Arguments) -> Val:
    value = arguments[0]
    if isinstance(value, Size) and value.value is not Unknown:
        return Size.constant(abs(value.value))
    return value if isinstance(value, Array) else abs(value) if isinstance(value, float) else Unknown


def _prod(machine: Machine, arguments: Arguments) -> Val:
    items = items_of(arguments[0])
    result = Size.constant(1)
    if items is Unknown:
        return Unknown
    for one in items:
        size = as_number(one)
        if size is Unknown:
            return Unknown
        try:
            result = result * size
        except SizeLimitError:
            return Unknown
    return result


def _of_float(function: Callable[[float], float | int]) -> Callable[[Machine, Arguments], Val]:
    def call(machine: Machine, arguments: Arguments) -> Val:
        value = as_float(arguments[0])
        if value is Unknown:
            whole = function in (math.ceil, math.floor)
            if isinstance(arguments[0], Size) and whole:
                return arguments[0]
            return Real() if isinstance(arguments[0], Size | Given | Real) and not whole else Unknown
        try:
            result = function(value)
        except (ValueError, OverflowError):
            return Unknown
        return Size.constant(result) if isinstance(result, int) else result

    return call


def _next(machine: Machine, arguments: Arguments) -> Val:
    return any_item(arguments[0])


def _sorted(machine: Machine, arguments: Arguments) -> Val:
    items = items_of(arguments[0])
    return Many(any_item(arguments[0])) if items is Unknown or len(items) > 1 else a_list(items)


def _repeat(machine: Machine, arguments: Arguments) -> Val:
    if len(arguments) == 2:
        count = as_number(arguments[1])
        if count is not Unknown and count.value is not Unknown and 0 <= count.value <= LONGEST_RANGE:
            return Iterated((arguments[0],) * count.value)
    return Many(arguments[0])


def _pairwise(machine: Machine, arguments: Arguments) -> Val:
    items = items_of(arguments[0])
    if items is Unknown:
        return Many((any_item(arguments[0]),) * 2)
    return Iterated(tuple(pairwise(items)))


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


def call_python(
    machine: Machine, name: str, arguments: Arguments, keywords: Mapping[str, Val], node: ast.AST
) -> Val:
    """What a function of Python's gives; `Unknown` for one that nothing is known of."""
    if name == "functools.partial" and arguments:
        return Partial(arguments[0], tuple(arguments[1:]), tuple(keywords.items()))
    if name in ("builtins.dict", "collections.OrderedDict"):
        return _dict(arguments, keywords)
    if name == "builtins.map" and len(arguments) == 2:
        return _map(machine, arguments[0], arguments[1], node)
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
    except (IndexError, TypeError, ValueError, OverflowError, SizeLimitError):
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


def _map(machine: Machine, function: Val, value: Val, node: ast.AST) -> Val:
    items = items_of(value)
    if items is Unknown:
        return Many(machine.parts.call(function, [any_item(value)], {}, node))
    return Iterated(tuple(machine.parts.call(function, [one], {}, node) for one in items))
