"""Methods of Python's containers and strings."""

from collections.abc import Sequence

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.static.interpreter.domain import (
    OPEN,
    Chain,
    DictValue,
    Iterated,
    ListValue,
    Many,
    ShapeOf,
    Text,
    Val,
    held_items,
)
from namedtorch.static.interpreter.join import join
from namedtorch.static.interpreter.machine import Machine
from namedtorch.static.interpreter.plain import a_list, any_item, as_number, is_followed, items_of, key_value
from namedtorch.static.interpreter.store import MISSING, Cell


def call_method(machine: Machine, receiver: Val, name: str, arguments: Sequence[Val]) -> Val:
    """What a method of a list, a dict, a tuple or a container of modules gives."""
    match receiver:
        case ListValue(cell=cell) | Chain(cell=cell):
            return _of_list(machine, cell, name, arguments)
        case DictValue():
            return _of_dict(machine, receiver, name, arguments)
        case tuple() if name in ("index", "count"):
            return _found(receiver, name, arguments)
        case ShapeOf(shape=shape) if name == "numel":
            return shape.elements
        case str() | Text():
            return _of_text(receiver, name, arguments)
        case _:
            return Unknown


def _found(items: Sequence[Val], name: str, arguments: Sequence[Val]) -> Val:
    """The place of a text in a tuple of texts, such as `x.dims`, or how often it is there."""
    if len(arguments) != 1 or not all(isinstance(one, str | None) for one in (*items, *arguments)):
        return Unknown
    places = [place for place, one in enumerate(items) if one == arguments[0]]
    if name == "count":
        return Size.constant(len(places))
    return Size.constant(places[0]) if places else Unknown


def _of_text(receiver: Val, name: str, arguments: Sequence[Val]) -> Val:
    if name in ("lower", "upper", "strip") and isinstance(receiver, str) and not arguments:
        return getattr(receiver, name)()
    if name == "split" and isinstance(receiver, str):
        return _split(receiver, arguments)
    return Text() if name in ("format", "join", "replace", "lower", "upper", "strip") else Unknown


def _split(text: str, arguments: Sequence[Val]) -> Val:
    match arguments:
        case []:
            return a_list(text.split())
        case [str() as separator] if separator:
            return a_list(text.split(separator))
        case _:
            return Unknown


def _of_list(machine: Machine, cell: Cell, name: str, arguments: Sequence[Val]) -> Val:
    items = held_items(cell)
    if not isinstance(items, tuple):
        return _of_long_list(machine, cell, name, arguments)
    result: Val = None
    match name, arguments:
        case "append" | "add", [value]:
            new = (*items, value)
        case "extend", [value]:
            more = items_of(value)
            if more is Unknown:
                machine.write(cell, "items", Unknown)
                return None
            if not is_followed((*items, *more)):
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
        case "index" | "count", _:
            return Unknown
        case _:
            # Whatever it does to the list is not followed.
            machine.write(cell, "items", Many(Unknown))
            return Unknown
    machine.write(cell, "items", new)
    return result


def _of_long_list(machine: Machine, cell: Cell, name: str, arguments: Sequence[Val]) -> Val:
    """A method of a list of unknown length, which it stays."""
    items = held_items(cell)
    if not isinstance(items, Many):
        return Unknown
    match name, arguments:
        case ("append", [value]) | ("insert", [_, value]):
            machine.write(cell, "items", Many(join(items.item, value)))
        case "extend", [value]:
            machine.write(cell, "items", Many(join(items.item, any_item(value))))
        case "pop", _:
            return items.item
        case "copy", []:
            return ListValue({"items": items})
        case _:
            pass
    return None


def _of_dict(machine: Machine, value: DictValue, name: str, arguments: Sequence[Val]) -> Val:
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
