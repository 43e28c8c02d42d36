"""The annotations of a program: read once each, with names looked up where they stand."""

import ast

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.static.annotations import Alias, Annotation, Lookup, read_annotation
from namedtorch.static.interpreter.domain import Class, External, ModuleScope
from namedtorch.static.interpreter.machine import Frame, Machine
from namedtorch.static.interpreter.names import BUILTINS

ALIASES = " aliases"
"""Where a module's cell holds the expressions of its names that are assigned once."""

READ = " annotations"
"""Where a module's cell holds the annotations that were read."""


def annotation_of(machine: Machine, node: ast.expr | None, frame: Frame | None = None) -> Annotation:
    """What an annotation says."""
    here = frame if frame is not None else machine.frame
    read = here.scope.cell.setdefault(READ, {})
    found = read.get(id(node))
    if found is None:
        found = read[id(node)] = read_annotation(node, lookup_in(machine, here.scope))
    return found


def lookup_in(machine: Machine, scope: ModuleScope) -> Lookup:
    """What names in annotations of a module stand for."""

    def look(node: ast.expr) -> str | ast.expr | Alias | UnknownType:
        chain: list[str] = []
        inner = node
        while isinstance(inner, ast.Attribute):
            chain.insert(0, inner.attr)
            inner = inner.value
        if not isinstance(inner, ast.Name):
            return Unknown
        if not chain:
            alias = aliases_of(scope).get(inner.id)
            if alias is not None:
                return alias
        machine.quiet += 1
        machine.frames.append(Frame(scope, scope.cell))
        try:
            value = machine.parts.evaluate(node)
        finally:
            machine.frames.pop()
            machine.quiet -= 1
        match value:
            case External(name=name):
                return name.removeprefix(BUILTINS)
            case Class(node=definition, scope=owner):
                return f"{owner.module.name}.{definition.name}"
            case _:
                return _foreign_alias(machine, scope, inner.id, chain)

    return look


def _foreign_alias(machine: Machine, scope: ModuleScope, root: str, chain: list[str]) -> Alias | UnknownType:
    """The alias that `from .types import Image` or `types.Image` names."""
    module: ModuleScope | None = None
    name = root
    if chain:
        held = scope.cell.get(root)
        if isinstance(held, ModuleScope) and len(chain) == 1:
            module, name = held, chain[0]
    else:
        for statement in scope.module.tree.body:
            if isinstance(statement, ast.ImportFrom):
                for one in statement.names:
                    if (one.asname or one.name) == root:
                        found = machine.parts.scope_of(
                            scope.module.resolve(statement.level, statement.module)
                            if statement.level
                            else statement.module or ""
                        )
                        if found is not Unknown:
                            module, name = found, one.name
    if module is None or name not in aliases_of(module):
        return Unknown
    return Alias(aliases_of(module)[name], lookup_in(machine, module))


def aliases_of(scope: ModuleScope) -> dict[str, ast.expr]:
    """The names that a module assigns once, and the expressions that they stand for."""
    found: dict[str, ast.expr] | None = scope.cell.get(ALIASES)
    if found is None:
        found = {}
        twice: set[str] = set()
        for statement in scope.module.tree.body:
            name, value = _assigned(statement)
            if name is not None and value is not None:
                if name in found:
                    twice.add(name)
                found[name] = value
        for name in twice:
            del found[name]
        scope.cell[ALIASES] = found
    return found


def _assigned(statement: ast.stmt) -> tuple[str | None, ast.expr | None]:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=value):
            return name, value
        case _:
            definition = getattr(statement, "name", None)
            if isinstance(definition, ast.Name) and type(statement).__name__ == "TypeAlias":
                return definition.id, getattr(statement, "value", None)
            return None, None
