"""What is forgotten of values that unknown code gets hold of: it may change them."""

from collections.abc import Iterable

from namedtorch.dims.unknown import Unknown
from namedtorch.static.interpreter.domain import (
    OPEN,
    Bound,
    DictValue,
    Function,
    Instance,
    ListValue,
    Many,
    Method,
    Partial,
    Val,
    held_items,
)
from namedtorch.static.interpreter.machine import Machine
from namedtorch.static.interpreter.objects import is_module

DEEPEST = 3
"""Containers inside containers that are forgotten."""


def forget(machine: Machine, values: Iterable[Val], depth: int = DEEPEST) -> None:
    """Forgets the items of lists and dicts and the attributes of plain objects; modules are only called."""
    if not depth:
        return
    for value in values:
        match value:
            case ListValue(cell=cell):
                items = held_items(cell)
                if isinstance(items, tuple):
                    forget(machine, items, depth - 1)
                machine.write(cell, "items", Many(Unknown))
            case DictValue(cell=cell):
                forget(machine, value.entries.values(), depth - 1)
                for name in value.entries:
                    machine.write(cell, name, Unknown)
                machine.write(cell, OPEN, True)
            case Instance(kind=kind, cell=cell) if not is_module(kind):
                for name in list(cell):
                    machine.write(cell, name, Unknown)
            case Bound(receiver=receiver) | Method(receiver=receiver):
                forget(machine, [receiver], depth - 1)
            case Partial(arguments=arguments):
                forget(machine, arguments, depth - 1)
            case Function(closure=(cell, *_)):
                # What is called may change the lists of the function that it was made in.
                held = [one for one in cell.values() if isinstance(one, ListValue | DictValue)]
                forget(machine, held, depth - 1)
            case tuple():
                forget(machine, value, depth - 1)
            case _:
                pass
