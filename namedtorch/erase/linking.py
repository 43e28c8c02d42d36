"""Erased definitions as functions that call each other: under which names, and as members of which modules."""

import ast
import inspect
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any, cast

from namedtorch.erase.classes import classes_of
from namedtorch.erase.decorators import decorated, is_checked, written
from namedtorch.erase.emission import Emitted
from namedtorch.erase.live_tensors import type_of
from namedtorch.erase.premises import is_module
from namedtorch.erase.rewritten import rewritten
from namedtorch.erase.site import Unsettled
from namedtorch.erase.units import Layout, Unit, joined_layouts, layout_of
from namedtorch.signature.boundary_text import BOUNDARY_FUNCTION
from namedtorch.static.interpreter.definitions import member
from namedtorch.static.interpreter.domain import Bound, Function, Instance, Super

_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
"""Where modules of torch keep what runs around their `forward`."""

Members = dict[str, Any]
"""The members of a module's class that take the place of the user's: functions, and what decorates them."""


class Linker:
    """Makes functions of units.

    `objects` leads from the value of a module to the module. `functions` are the functions of the units that changed,
    or that call one that did, without decorators; `members` what modules get, by the id of their value. `in_place` says
    that functions see the globals of the user's files themselves, and change them; else they see a copy.
    """

    def __init__(
        self,
        emitted: Mapping[Unit, Emitted],
        roots: frozenset[Unit],
        objects: Mapping[int, Any],
        in_place: bool = False,
    ) -> None:
        self.emitted = emitted
        self.objects = objects
        self.classes = classes_of(emitted)
        self.functions: dict[Unit, FunctionType] = {}
        self.members: dict[int, Members] = {}
        self._in_place = in_place
        self._namespaces: dict[int, _Namespace] = {}
        self._decorated: dict[FunctionType, FunctionType] = {}
        self._made: set[Unit] = set()
        self._first: dict[int, Unit] = {}
        for unit in emitted:
            self._first.setdefault(self.classes[unit], unit)
        self._names = self._method_names(roots)
        self._rebuilt = self._to_rebuild()
        for unit in emitted:
            if self.classes[unit] in self._rebuilt:
                self._link(unit)

    def _alike(self, unit: Unit) -> list[Unit]:
        """The specialisations of the method of a module."""
        return [one for one in self.emitted if one.value is unit.value and one.receiver is unit.receiver]

    # Which functions change

    def _to_rebuild(self) -> set[int]:
        """The classes that change, or call something that stands elsewhere than what the user wrote calls.

        In place, a guard that asks for names is one of them: it would refuse plain tensors.
        """
        found = {
            self.classes[unit]
            for unit, one in self.emitted.items()
            if one.changed or (self._in_place and is_checked(unit.function) and _takes_names(unit))
        }
        while True:
            more = {
                self.classes[unit]
                for unit in self.emitted
                for node, callees in unit.calls.items()
                for callee in callees
                if self.classes[callee] in found and self._is_elsewhere(callee, node, unit)
            }
            if more <= found:
                return found
            found |= more

    def _is_elsewhere(self, callee: Unit, node: ast.AST, caller: Unit) -> bool:
        """Whether what the user wrote does not lead to what became of a callee."""
        return not self._is_member(callee) or self._is_renamed(callee) or _is_held(callee, node, caller)

    def _is_member(self, unit: Unit) -> bool:
        """Whether a function becomes a member of a class of a module: no other object gets a class of its own."""
        return unit.is_method and is_module(self.objects.get(id(unit.receiver)))

    def _is_renamed(self, unit: Unit) -> bool:
        return self._names[unit] != unit.function.__name__

    # Names of methods: of several specialisations of one method on one object, the first keeps its name.

    def _method_names(self, roots: frozenset[Unit]) -> dict[Unit, str]:
        found: dict[Unit, str] = {}
        taken: dict[tuple[int, str], int] = {}
        order = sorted(self.emitted, key=lambda unit: (unit not in roots, not self._is_run_by_others(unit)))
        for unit in order:
            if not self._is_member(unit):
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
        function = self.placed(unit)
        if not self._is_member(unit):
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
        function = written(first.function)
        namespace = self._namespace(function)
        made.definition.name = self._own_name(first)
        if self._in_place:
            linked = rewritten(function, made.definition, cells=namespace.own)
        else:
            linked = rewritten(function, made.definition, namespace=namespace.whole)
        self.functions[first] = self.functions[unit] = linked
        return linked

    def placed(self, unit: Unit) -> FunctionType:
        """The function of a unit under its decorators."""
        made = self._function(unit)
        if made not in self._decorated:
            self._decorated[made] = decorated(unit.function, made)
        return self._decorated[made]

    def _own_name(self, unit: Unit) -> str:
        """What the `def` of a function is called: of several specialisations, the first keeps the name."""
        if self._is_member(unit):
            return self._names[unit]
        name = written(unit.function).__name__
        others = [one for one in self._first.values() if one.value is unit.value]
        if unit is others[0]:
            return name
        layouts = [one.layout for one in others]
        return f"{name}_{unit.layout if layouts.count(unit.layout) == 1 else others.index(unit)}"

    def _namespace(self, function: FunctionType) -> "_Namespace":
        """The globals of all functions of one module."""
        original = function.__globals__
        if id(original) not in self._namespaces:
            self._namespaces[id(original)] = _Namespace.of(original)
        return self._namespaces[id(original)]

    # Calls

    def _redirect(self, unit: Unit, node: ast.AST, place: ast.expr) -> None:
        """Makes a call reach the right specialisation of what it calls."""
        callees = [
            one
            for one in unit.calls[node]
            if self.classes[one] in self._rebuilt and self._is_elsewhere(one, node, unit)
        ]
        if not callees:
            return
        names = {self._name_for(one, unit) for one in callees}
        direct = _is_direct(node, unit) and isinstance(place, ast.Call)
        if len(names) > 1 or (
            len(callees) < len(unit.calls[node]) and direct and not self._is_member(callees[0])
        ):
            raise Unsettled(
                node,
                f"it calls `{callees[0].function.__name__}` with several layouts: {joined_layouts(unit.calls[node])}",
                "put the dims in one order first: `x = x.align_to(...)`",
            )  # fmt: skip
        name = names.pop()
        if not direct:
            beside = not self._is_member(callees[0]) and not _mentions(unit.node, name)
            if name != callees[0].function.__name__ or beside:
                raise Unsettled(
                    node,
                    f"`{callees[0].function.__qualname__}` is called from here and elsewhere with other layouts: "
                    f"{joined_layouts(callees)}",
                    "put the dims in one order first: `x = x.align_to(...)`",
                )  # fmt: skip
            return
        assert isinstance(place, ast.Call)
        if self._is_member(callees[0]):
            self._redirect_method(unit, node, place, callees[0], name)
        elif callees[0].is_method:
            self._redirect_to_function(unit, node, place, name)
        elif not (isinstance(place.func, ast.Name) and place.func.id == name):
            place.func = ast.copy_location(ast.Name(name, ast.Load()), place.func)

    def _name_for(self, callee: Unit, caller: Unit) -> str:
        """What a callee is called in the code of a caller."""
        if self._is_member(callee):
            return self._names[callee]
        function = written(caller.function)
        namespace = self._namespace(function)
        own = {*function.__code__.co_varnames, *function.__code__.co_cellvars, *function.__code__.co_freevars}
        target = self.placed(callee)
        wanted = name = target.__name__
        count = 1
        while name in own or not self._is_free(namespace.whole, name, callee, target):
            count += 1
            name = f"{wanted}_{count}"
        namespace.put(name, target)
        return name

    def _is_free(self, names: Mapping[str, Any], name: str, callee: Unit, target: FunctionType) -> bool:
        held = names.get(name)
        if held is None or held is target:
            return True
        if not isinstance(held, FunctionType):
            return False
        return written(held) is written(callee.function)

    def _redirect_method(self, unit: Unit, node: ast.AST, place: ast.Call, callee: Unit, name: str) -> None:
        assert isinstance(node, ast.Call)
        values = unit.seen.get(node.func, [])
        if values and all(isinstance(one, Instance) for one in values):
            # A module that is called: its forward of that layout.
            if any(getattr(self.objects.get(id(callee.receiver)), table, None) for table in _HOOKS):
                raise Unsettled(
                    node,
                    f"`{ast.unparse(node.func)}` has hooks, which run for one order of dims only, and it is called "
                    f"with several: {joined_layouts(self._alike(callee))}",
                    "put the dims in one order before the call: `x = x.align_to(...)`",
                )
            func: ast.expr = ast.Attribute(place.func, name, ast.Load())
        elif _is_held(callee, node, unit) and callee.receiver is not unit.receiver:
            raise Unsettled(
                node, f"`{ast.unparse(node.func)}` is a method of another module, kept under another name",
                f"keep the module, and call its method: `self.part.{callee.function.__name__}(...)`",
            )  # fmt: skip
        elif isinstance(place.func, ast.Attribute) and callee.receiver is not unit.receiver:
            func = ast.Attribute(place.func.value, name, ast.Load())
        elif callee.receiver is unit.receiver:
            func = ast.Attribute(ast.Name(_own_parameter(unit), ast.Load()), name, ast.Load())
            if values and all(isinstance(one, Function) for one in values):
                # `Base.forward(self, x)`
                place.args = place.args[1:]
        else:
            raise Unsettled(node, f"which `{callee.function.__name__}` it calls can't be written by name")
        _put(func, place)

    def _redirect_to_function(self, unit: Unit, node: ast.AST, place: ast.Call, name: str) -> None:
        """A method of an object that is no module is a function of that object: `scaled(self.rules, x)`."""
        assert isinstance(node, ast.Call)
        values = unit.seen.get(node.func, [])
        match node.func, place.func:
            case ast.Attribute(value=held), ast.Attribute(value=owner) if all(
                isinstance(one, Bound) for one in values
            ):
                if any(isinstance(one, Super) for one in unit.seen.get(held, ())):
                    owner = ast.Name(_own_parameter(unit), ast.Load())
                place.args = [owner, *place.args]
            case _, owner if all(isinstance(one, Instance) for one in values):
                place.args = [owner, *place.args]
            case _ if all(isinstance(one, Function) for one in values):
                pass  # `Base.method(self, x)`
            case _:
                raise Unsettled(
                    node, "the method that it calls belongs to an object that is not written in the call"
                )
        _put(ast.Name(name, ast.Load()), place)


@dataclass(frozen=True, slots=True)
class _Namespace:
    """The globals of a module: all of them in a copy, and those alone that the user's module does not have."""

    whole: dict[str, Any]
    own: dict[str, Any]

    @staticmethod
    def of(original: Mapping[str, Any]) -> "_Namespace":
        # What `named_function` made takes plain tensors from here on.
        own = {
            name: vars(value)[BOUNDARY_FUNCTION]
            for name, value in original.items()
            if isinstance(value, FunctionType) and BOUNDARY_FUNCTION in vars(value)
        }
        if "torch" not in original:
            own["torch"] = sys.modules.get("torch")
        return _Namespace({**original, **own}, own)

    def put(self, name: str, value: FunctionType) -> None:
        self.whole[name] = self.own[name] = value


def _put(func: ast.expr, place: ast.Call) -> None:
    """Makes a call one of another function."""
    for one in (*ast.walk(func), *place.args):
        if isinstance(one, ast.expr) and not hasattr(one, "lineno"):
            ast.copy_location(one, place)
    place.func = func


def _own_parameter(unit: Unit) -> str:
    own = [*unit.node.args.posonlyargs, *unit.node.args.args]
    return own[0].arg


def _mentions(node: ast.AST, name: str) -> bool:
    """Whether code hands a function on by its own name, which leads to what became of it."""
    return any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(node))


def _is_held(callee: Unit, node: ast.AST, caller: Unit) -> bool:
    """Whether a call reaches a method by an attribute that holds it: `self.fn`, of `self.fn = self.scaled`."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    values = caller.seen.get(node.func, ())
    return node.func.attr != callee.function.__name__ and any(isinstance(one, Bound) for one in values)


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


def _takes_names(unit: Unit) -> bool:
    """Whether a function takes or gives tensors with names."""
    return any(_has_names(layout_of(one)) for one in (*unit.arguments.values(), *unit.returns))


def _has_names(layout: Layout) -> bool:
    return isinstance(layout, tuple) and (layout[:1] == ("named",) or any(map(_has_names, layout)))
