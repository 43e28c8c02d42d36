"""What code of a graph changes: attributes of modules, and values outside of functions."""

import ast
from collections.abc import Iterable, Iterator
from types import FunctionType
from typing import Any

from torch import nn

from namedtorch.lower.functions import innermost
from namedtorch.lower.mending.module_classes import functions_in, own_members
from namedtorch.lower.mending.module_expressions import names_stored
from namedtorch.lower.source import Sources
from namedtorch.lower.translation import names_used

CHANGING = frozenset(
    {"append", "extend", "insert", "pop", "remove", "clear", "reverse", "sort"}
    | {
        "update",
        "setdefault",
        "popitem",
        "add",
        "discard",
        "register_buffer",
        "register_parameter",
        "add_module",
    }
)
"""Methods of lists, dicts, sets and modules that change them."""


class Changes:
    """The functions of a graph, and what each changes."""

    def __init__(self, modules: Iterable[nn.Module], called: set[str], sources: Sources) -> None:
        self._sources = sources
        self._found: dict[FunctionType, frozenset[str]] = {}
        self._members: dict[type, dict[str, list[FunctionType]]] = {}
        for owner in {type(one): one for one in modules}:
            self._members[owner] = {
                name: [innermost(one) for one in functions_in(value)]
                for name, _, value in own_members(owner)
                if name in called
            }
        everything = [
            one for found in self._members.values() for several in found.values() for one in several
        ]
        self.stored = frozenset(name for one in everything for name in self.of(one))
        """All that any function changes, by the names of attributes and globals."""

    def of(self, function: FunctionType) -> frozenset[str]:
        """The names of the attributes and globals that one function changes."""
        if function not in self._found:
            definition = self._sources.find(function)
            self._found[function] = frozenset(() if definition is None else _changed(definition.node))
        return self._found[function]

    def of_others(self, owner: type, function: FunctionType) -> set[str]:
        """What the methods of its own module that a method calls change."""
        members = self._members.get(owner, {})
        met: list[FunctionType] = []
        waiting = [one for name in names_used(function) for one in members.get(name, ())]
        while waiting:
            one = waiting.pop()
            if one not in met:
                met.append(one)
                waiting += [inner for name in names_used(one) for inner in members.get(name, ())]
        return {name for one in met for name in self.of(one)}

    def used_by(self, owner: type, apart_from: str) -> set[str]:
        """The names that methods of all modules use, but for one of a class."""
        return {
            name
            for one, members in self._members.items()
            for member, several in members.items()
            if one is not owner or member != apart_from
            for function in several
            for name in names_used(function)
        }

    def written(self, owner: type) -> Iterator[tuple[str, ast.AST]]:
        """The statements and calls of a class's methods that give an attribute of `self` a value, or append to it."""
        for several in self._members.get(owner, {}).values():
            for function in several:
                definition = self._sources.find(function)
                receiver = function.__code__.co_varnames[:1]
                for node in ast.walk(definition.node) if definition is not None else ():
                    match node:
                        case ast.Assign(targets=[ast.Attribute(value=ast.Name(id=name), attr=attribute)]):
                            if name in receiver:
                                yield attribute, node.value
                        case ast.Call(
                            func=ast.Attribute(
                                value=ast.Attribute(value=ast.Name(id=name), attr=attribute), attr="append"
                            ),
                            args=[value],
                        ):
                            if name in receiver:
                                yield attribute, ast.List([value], ast.Load())
                        case _:
                            pass


def changed_locals(definition: ast.AST) -> frozenset[str]:
    """The locals of a function whose lists or dicts it changes in place, by any of their names."""
    found: set[str] = set()
    for one in ast.walk(definition):
        match one:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if method in CHANGING:
                found.add(name)
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                found.add(name)
            case ast.AugAssign(target=ast.Name(id=name)):
                found.add(name)
            case _:
                pass
    held = _held(definition)
    waiting = list(found)
    while waiting:
        for name in held.get(waiting.pop(), ()):
            if name not in found:
                found.add(name)
                waiting.append(name)
    return frozenset(found)


def _changed(definition: ast.FunctionDef) -> Iterator[str]:
    own = names_stored(definition) | {
        one.arg for one in ast.walk(definition.args) if isinstance(one, ast.arg)
    }
    held = _held(definition)

    def named(node: ast.AST) -> Iterator[str]:
        match node:
            case ast.Attribute(attr=name):
                yield name
            case ast.Name(id=name):
                yield from held.get(name, ())
                if name not in own:
                    yield name
            case ast.Subscript(value=inner):
                yield from named(inner)
            case _:
                pass

    for one in ast.walk(definition):
        match one:
            case ast.Attribute(attr=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.Subscript(value=inner, ctx=ast.Store() | ast.Del()):
                yield from named(inner)
            case ast.Call(func=ast.Attribute(value=inner, attr=method)) if method in CHANGING:
                yield from named(inner)
            case ast.AugAssign(target=ast.Name() as target):
                yield from named(target)
            case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant(value=str(name)), _]):
                yield name
            case ast.Global(names=names):
                yield from names
            case _:
                pass


def _held(definition: ast.AST) -> dict[str, list[str]]:
    """The attributes and globals that locals may be other names for."""
    found: dict[str, list[str]] = {}
    pairs: list[tuple[ast.expr, Any]] = []
    for one in ast.walk(definition):
        match one:
            case ast.Assign(targets=targets, value=value):
                pairs += [(target, value) for target in targets]
            case (
                ast.AnnAssign(target=target, value=ast.expr() as value)
                | ast.NamedExpr(target=target, value=value)
            ):
                pairs.append((target, value))
            case ast.For(target=target, iter=value):
                pairs.append((target, value))
            case _:
                pass
    for target, value in pairs:
        inner = [one.attr for one in ast.walk(value) if isinstance(one, ast.Attribute)]
        inner += [one.id for one in ast.walk(value) if isinstance(one, ast.Name)]
        for name in names_stored(target):
            found.setdefault(name, []).extend(inner if _may_be(value) else [])
    return found


def _may_be(value: ast.expr) -> bool:
    """Whether an expression may give a list or dict that something else holds, and no new one."""
    while isinstance(value, ast.Attribute | ast.Subscript):
        value = value.value
    return isinstance(value, ast.Name | ast.IfExp | ast.BoolOp)
