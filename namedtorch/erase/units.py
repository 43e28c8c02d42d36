"""`Unit`: one specialisation of a function. Code generic over layouts has one for each that it is called with."""

import ast
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.erase.live import Live
from namedtorch.erase.observation import Run
from namedtorch.ops.axes import Axis
from namedtorch.ops.values import Array, Names
from namedtorch.static.interpreter.domain import (
    Chain,
    DictValue,
    Function,
    Instance,
    Layer,
    ListValue,
    Many,
    Maybe,
    Val,
    held_items,
)

Layout: TypeAlias = "str | tuple[Layout, ...]"
"""What of an argument makes one specialisation differ from another: names, constants, what it is at all."""


@dataclass(slots=True, eq=False)
class Unit:
    """A function, and all of its runs with arguments of the same layouts.

    `receiver` is the value of the module that a method is called on, None for a free function; `seen` holds the values
    of its expressions, `calls` the units that its calls lead to, `returns` what it gave.
    """

    function: Any  # A FunctionType, which a type checker would take for a method.
    value: Function
    node: ast.FunctionDef
    receiver: Val
    arguments: Mapping[str, Val]
    seen: dict[ast.AST, list[Val]] = field(default_factory=dict[ast.AST, list[Val]])
    calls: dict[ast.AST, "list[Unit]"] = field(default_factory=dict[ast.AST, "list[Unit]"])
    returns: list[Val] = field(default_factory=list[Val])

    def take(self, other: "Unit") -> None:
        """Adds what is known of another specialisation of the same function."""
        for node, values in other.seen.items():
            known = self.seen.setdefault(node, [])
            known += [one for one in values if not any(one is mine for mine in known)]
        for node, callees in other.calls.items():
            known_callees = self.calls.setdefault(node, [])
            known_callees += [one for one in callees if one not in known_callees]
        self.returns += [one for one in other.returns if not any(one is mine for mine in self.returns)]

    @property
    def is_method(self) -> bool:
        """Whether it is called on a module, or on another object of a class."""
        return isinstance(self.receiver, Instance)

    @property
    def layout(self) -> str:
        """The names of its first tensor as part of a name: `N_C_H_W`."""
        for value in self.arguments.values():
            inner = value.value if isinstance(value, Maybe) else value
            if isinstance(inner, Array) and inner.shape.rest is Unknown and inner.names is Names.ALL:
                names = ["_" if axis.carried is Unknown else axis.carried for axis in inner.shape.fixed]
                return re.sub(r"\W+", "_", "_".join(names)).strip("_")
        return ""


Owner: TypeAlias = tuple[Function, int]
"""A function, and the id of the object that it is called on."""


def owner_of(unit: Unit) -> Owner:
    """The function of a unit, as it is called on one object."""
    return unit.value, id(unit.receiver)


def units_of(roots: Iterable[Run], live: Live, apart: Container[Owner] = ()) -> dict[Run, Unit]:
    """The units that runs lead to, by the runs of live functions, in the order in which they were reached.

    Calls that differ in what is None, or in flags, are one unit, but for the functions that are to be kept `apart`.
    """
    collector = _Collector(live)
    for root in roots:
        collector.unit(root)
    collector.finish()
    return _merged(collector.found, apart)


class _Collector:
    def __init__(self, live: Live) -> None:
        self.live = live
        self.found: dict[Run, Unit] = {}
        self._units: dict[tuple[Any, ...], Unit] = {}
        self._inner: list[Run] = []

    def unit(self, run: Run) -> Unit | None:
        """The unit of a run, None for that of a function that stands inside of another one."""
        if run in self.found:
            return self.found[run]
        function = run.frame.function
        if function is None or function not in self.live.functions:
            self._inner.append(run)
            return None
        node = function.node
        assert isinstance(node, ast.FunctionDef)
        receiver = run.frame.receiver if isinstance(run.frame.receiver, Instance) else None
        arguments = {name: value for name, value in run.arguments.items() if value is not receiver}
        key = (function, id(receiver), tuple((name, layout_of(one)) for name, one in arguments.items()))
        unit = self._units.get(key)
        if unit is None:
            unit = Unit(self.live.functions[function], function, node, receiver, arguments)
            self._units[key] = unit
        self.found[run] = unit
        self._take(run, unit)
        return unit

    def _take(self, run: Run, unit: Unit) -> None:
        for node, values in run.seen.items():
            known = unit.seen.setdefault(node, [])
            known += [one for one in values if not any(one is other for other in known)]
        unit.returns += [one for one in run.frame.returns if not any(one is other for other in unit.returns)]
        for node, runs in run.calls.items():
            for one in runs:
                inner = self.unit(one)
                if inner is None:
                    self._take_inner(one, unit)
                elif inner not in unit.calls.setdefault(node, []):
                    unit.calls[node].append(inner)

    def _take_inner(self, run: Run, unit: Unit) -> None:
        """A function that stands inside of another one is part of that, and so are its calls."""
        returns = list(unit.returns)
        self._take(run, unit)
        unit.returns = returns

    def finish(self) -> None:
        """Gives the values of functions that were handed on, a lambda for example, to the units that they stand in."""
        inside: dict[ast.AST, Unit] = {
            inner: unit
            for unit in self._units.values()
            for inner in ast.walk(unit.node)
            if isinstance(inner, ast.Lambda | ast.FunctionDef) and inner is not unit.node
        }
        for run in self._inner:
            function = run.frame.function
            unit = None if function is None else inside.get(function.node)
            if unit is not None:
                self._take_inner(run, unit)


def _merged(found: Mapping[Run, Unit], apart: Container[Owner]) -> dict[Run, Unit]:
    """The units with those put together that one code can serve, and those that one expression calls.

    An expression is written once, and calls one function: what is known of arguments differs between the turns of a
    loop.
    """
    into: dict[Unit, Unit] = {}
    likes: dict[Owner, list[Unit]] = {}
    for unit in dict.fromkeys(found.values()):
        others = likes.setdefault(owner_of(unit), [])
        like = next((one for one in others if _are_alike(one, unit)), None)
        if like is None or owner_of(unit) in apart:
            others.append(unit)
        else:
            like.take(unit)
            into[unit] = like

    def root(unit: Unit) -> Unit:
        while unit in into:
            unit = into[unit]
        return unit

    waiting = [unit for unit in dict.fromkeys(found.values()) if unit not in into]
    while waiting:
        unit = root(waiting.pop())
        for node, callees in unit.calls.items():
            first: dict[Owner, Unit] = {}
            for callee in map(root, callees):
                kept = first.setdefault(owner_of(callee), callee)
                if kept is not callee:
                    kept.take(callee)
                    into[callee] = kept
                    waiting.append(kept)
            unit.calls[node] = list(dict.fromkeys(map(root, callees)))
    units = {run: root(unit) for run, unit in found.items()}
    for unit in dict.fromkeys(units.values()):
        unit.calls = {node: list(dict.fromkeys(map(root, callees))) for node, callees in unit.calls.items()}
    return units


def _are_alike(one: Unit, other: Unit) -> bool:
    """Whether arguments differ only in what is None, and in flags: an `if` in the code tells such calls apart."""
    return all(
        _may_be_one(one.arguments.get(name, Unknown), value) for name, value in other.arguments.items()
    ) and len(one.arguments) == len(other.arguments)


def _may_be_one(left: Val, right: Val) -> bool:
    if left is None or right is None or left is Unknown or right is Unknown:
        return True
    if isinstance(left, bool) and isinstance(right, bool):
        return True
    inner = [one.value if isinstance(one, Maybe) else one for one in (left, right)]
    return layout_of(inner[0]) == layout_of(inner[1])


def layout_of(value: Val) -> Layout:
    """The layout of an argument: what code that is erased for it may rest on."""
    match value:
        case Array(shape=shape, names=names):
            if names not in (Names.ALL, Names.SOME):
                # How many axes a plain tensor has may be told by its shape: `*batch, n = x.shape`.
                return ("tensor", str(len(shape.axes)) if shape.rest is Unknown else "")
            carried = [str(axis.carried) if isinstance(axis, Axis) else "..." for axis in shape.axes]
            return ("named", str(names), *carried)
        case bool() | str() | None:
            return repr(value)
        case Size():
            return "int"
        case tuple():
            return ("tuple", *map(layout_of, value))
        case ListValue(cell=cell):
            items = held_items(cell)
            if isinstance(items, tuple):
                return ("list", *dict.fromkeys(map(layout_of, items)))
            return ("list", layout_of(items.item)) if isinstance(items, Many) else "list"
        case Many(item=item):
            return ("list", layout_of(item))
        case Maybe(value=inner):
            return ("maybe", layout_of(inner))
        case DictValue():
            return ("dict", *((name, layout_of(one)) for name, one in value.entries.items()))
        case Instance() | Layer() | Chain() | Function():
            return str(id(value))
        case _:
            return type(value).__name__


def joined_layouts(units: Sequence[Unit]) -> str:
    """The layouts of several units as people read them: "N C H W, and N H W C"."""
    return ", and ".join(dict.fromkeys(one.layout.replace("_", " ") or "other arguments" for one in units))
