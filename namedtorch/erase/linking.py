"""Erased definitions as functions that call each other: under which names, and as members of which modules."""

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping
from types import FunctionType
from typing import Any, cast

from namedtorch.erase.classes import classes_of
from namedtorch.erase.emission import Emitted
from namedtorch.erase.live_tensors import type_of
from namedtorch.erase.rewritten import rewritten
from namedtorch.erase.site import Unsettled
from namedtorch.erase.units import Unit, joined_layouts
from namedtorch.signature.boundary_text import BOUNDARY_FUNCTION
from namedtorch.static.interpreter.definitions import member
from namedtorch.static.interpreter.domain import Bound, Function, Instance

Members = dict[str, Any]
"""The members of a module's class that take the place of the user's: functions, and what decorates them."""


class Linker:
    """Makes functions of units.

    `objects` leads from the value of a module to the module. `functions` are the functions of the units that changed,
    or that call one that did; `members` what modules get, by the id of their value.
    """

    def __init__(
        self, emitted: Mapping[Unit, Emitted], roots: frozenset[Unit], objects: Mapping[int, Any]
    ) -> None:
        self.emitted = emitted
        self.objects = objects
        self.classes = classes_of(emitted)
        self.functions: dict[Unit, FunctionType] = {}
        self.members: dict[int, Members] = {}
        self._namespaces: dict[int, dict[str, Any]] = {}
        self._made: set[Unit] = set()
        self._first: dict[int, Unit] = {}
        for unit in emitted:
            self._first.setdefault(self.classes[unit], unit)
        self._names = self._method_names(roots)
        self._rebuilt = self._to_rebuild()
        for unit in emitted:
            if self.classes[unit] in self._rebuilt:
                self._link(unit)

    # Which functions change

    def _to_rebuild(self) -> set[int]:
        """The classes that change, or call something that stands elsewhere than what the user wrote calls."""
        found = {self.classes[unit] for unit, one in self.emitted.items() if one.changed}
        while True:
            more = {
                self.classes[unit]
                for unit in self.emitted
                for callee in _callees(unit)
                if self.classes[callee] in found and (not callee.is_method or self._is_renamed(callee))
            }
            if more <= found:
                return found
            found |= more

    def _is_renamed(self, unit: Unit) -> bool:
        return self._names[unit] != unit.function.__name__

    # Names of methods: of several specialisations of one method on one object, the first keeps its name.

    def _method_names(self, roots: frozenset[Unit]) -> dict[Unit, str]:
        found: dict[Unit, str] = {}
        taken: dict[tuple[int, str], int] = {}
        order = sorted(self.emitted, key=lambda unit: (unit not in roots, not self._is_run_by_others(unit)))
        for unit in order:
            if not unit.is_method:
                continue
            name = unit.function.__name__
            if not _is_own(unit):
                # `super().forward(x)`: the method of a base becomes one of the class.
                owner = unit.value.owner
                name = f"{name}_of_{owner.node.name}" if owner is not None else name
            wanted, count = name, 1
            while taken.setdefault((id(unit.receiver), wanted), self.classes[unit]) != self.classes[unit]:
                wanted = f"{name}_{unit.layout}" if count == 1 and unit.layout else f"{name}_{count}"
                count += 1
            found[unit] = wanted
        return found

    def _is_run_by_others(self, unit: Unit) -> bool:
        """Whether a container runs a module, which calls its `forward` and nothing else."""
        return any(
            unit in units and not _is_direct(node, caller)
            for caller in self.emitted
            for node, units in caller.calls.items()
        )

    # Functions

    def _link(self, unit: Unit) -> None:
        """Puts the function of a unit where those who call it find it."""
        function = self._function(unit)
        if not unit.is_method:
            return
        members = self.members.setdefault(id(unit.receiver), {})
        owner = type_of(self.objects[id(unit.receiver)])
        own: Any = inspect.getattr_static(owner, unit.function.__name__, None)
        if isinstance(own, property):
            members[self._names[unit]] = property(function)
        elif isinstance(own, staticmethod | classmethod):
            members[self._names[unit]] = type_of(cast("object", own))(function)
        else:
            members[self._names[unit]] = function

    def _function(self, unit: Unit) -> FunctionType:
        """The function of a unit: one for all of its class."""
        first = self._first[self.classes[unit]]
        if first in self.functions:
            self.functions[unit] = self.functions[first]
            return self.functions[first]
        if first in self._made:
            name = first.function.__qualname__
            raise Unsettled(first.node, f"`{name}` calls itself, which names can't be told of")
        self._made.add(first)
        made = self.emitted[first]
        for node, place in made.calls.items():
            self._redirect(first, node, place)
        function = inspect.unwrap(first.function)
        assert isinstance(function, FunctionType)
        namespace = self._namespace(function)
        namespace.setdefault("torch", sys.modules.get("torch"))
        made.definition.name = self._own_name(first)
        linked = rewritten(function, made.definition, namespace=namespace)
        self.functions[first] = self.functions[unit] = linked
        return linked

    def _own_name(self, unit: Unit) -> str:
        """What the `def` of a function is called: of several specialisations, the first keeps the name."""
        if unit.is_method:
            return self._names[unit]
        name = inspect.unwrap(unit.function).__name__
        others = [one for one in self._first.values() if one.value is unit.value]
        if unit is others[0]:
            return name
        layouts = [one.layout for one in others]
        return f"{name}_{unit.layout if layouts.count(unit.layout) == 1 else others.index(unit)}"

    def _namespace(self, function: FunctionType) -> dict[str, Any]:
        """The globals of all functions of one module."""
        original = function.__globals__
        if id(original) not in self._namespaces:
            # What `named_function` made takes plain tensors from here on.
            self._namespaces[id(original)] = {
                name: getattr(value, BOUNDARY_FUNCTION, value) if isinstance(value, FunctionType) else value
                for name, value in original.items()
            }
        return self._namespaces[id(original)]

    # Calls

    def _redirect(self, unit: Unit, node: ast.AST, place: ast.expr) -> None:
        """Makes a call reach the right specialisation of what it calls."""
        callees = [one for one in unit.calls[node] if self._moves(one)]
        if not callees:
            return
        names = {self._name_for(one, unit) for one in callees}
        direct = _is_direct(node, unit) and isinstance(place, ast.Call)
        if len(names) > 1 or (len(callees) < len(unit.calls[node]) and direct and not callees[0].is_method):
            raise Unsettled(
                node,
                f"it calls `{callees[0].function.__name__}` with several layouts: {joined_layouts(unit.calls[node])}",
                "put the dims in one order first: `x = x.align_to(...)`",
            )  # fmt: skip
        name = names.pop()
        if not direct:
            if name != callees[0].function.__name__:
                raise Unsettled(
                    node,
                    f"`{callees[0].function.__qualname__}` is called from here and elsewhere with other layouts: "
                    f"{joined_layouts(callees)}",
                    "put the dims in one order first: `x = x.align_to(...)`",
                )  # fmt: skip
            return
        assert isinstance(place, ast.Call)
        if callees[0].is_method:
            self._redirect_method(unit, node, place, callees[0], name)
        elif not (isinstance(place.func, ast.Name) and place.func.id == name):
            place.func = ast.copy_location(ast.Name(name, ast.Load()), place.func)

    def _moves(self, callee: Unit) -> bool:
        """Whether a call has to be led to a callee: it is another function now, or has another name."""
        if callee.is_method:
            return self._is_renamed(callee) and self.classes[callee] in self._rebuilt
        return self.classes[callee] in self._rebuilt

    def _name_for(self, callee: Unit, caller: Unit) -> str:
        """What a callee is called in the code of a caller."""
        if callee.is_method:
            return self._names[callee]
        function = inspect.unwrap(caller.function)
        assert isinstance(function, FunctionType)
        namespace = self._namespace(function)
        own = {*function.__code__.co_varnames, *function.__code__.co_cellvars, *function.__code__.co_freevars}
        target = self._function(callee)
        wanted = name = target.__name__
        count = 1
        while name in own or not self._is_free(namespace, name, callee, target):
            count += 1
            name = f"{wanted}_{count}"
        namespace[name] = target
        return name

    def _is_free(self, namespace: Mapping[str, Any], name: str, callee: Unit, target: FunctionType) -> bool:
        held = namespace.get(name)
        if held is None or held is target:
            return True
        if not isinstance(held, FunctionType):
            return False
        return inspect.unwrap(held) is inspect.unwrap(callee.function)

    def _redirect_method(self, unit: Unit, node: ast.AST, place: ast.Call, callee: Unit, name: str) -> None:
        assert isinstance(node, ast.Call)
        values = unit.seen.get(node.func, [])
        if values and all(isinstance(one, Instance) for one in values):
            # A module that is called: its forward of that layout.
            func: ast.expr = ast.Attribute(place.func, name, ast.Load())
        elif isinstance(place.func, ast.Attribute) and callee.receiver is not unit.receiver:
            func = ast.Attribute(place.func.value, name, ast.Load())
        elif callee.receiver is unit.receiver:
            own = unit.node.args.posonlyargs + unit.node.args.args
            func = ast.Attribute(ast.Name(own[0].arg, ast.Load()), name, ast.Load())
            if values and all(isinstance(one, Function) for one in values):
                # `Base.forward(self, x)`
                place.args = place.args[1:]
        else:
            raise Unsettled(node, f"which `{callee.function.__name__}` it calls can't be written by name")
        for one in ast.walk(func):
            if isinstance(one, ast.expr) and not hasattr(one, "lineno"):
                ast.copy_location(one, place)
        place.func = func


def _callees(unit: Unit) -> Iterator[Unit]:
    for units in unit.calls.values():
        yield from units


def _is_own(unit: Unit) -> bool:
    """Whether a method is the one that its receiver has under its name, not one of a base that was overridden."""
    assert isinstance(unit.receiver, Instance)
    found = member(unit.receiver.kind, unit.function.__name__)
    return found is not None and found[0] is unit.value


def _is_direct(node: ast.AST, caller: Unit) -> bool:
    """Whether an expression calls functions of the user's itself, and nothing that calls them."""
    if not isinstance(node, ast.Call):
        return False
    return any(isinstance(one, Function | Bound | Instance) for one in caller.seen.get(node.func, ()))
