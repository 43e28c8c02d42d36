"""Modules of the project: each name is bound when somebody first asks for it."""

import ast
from collections.abc import Iterator, Sequence
from typing import Final

from namedtorch.static.interpreter.domain import ModuleScope
from namedtorch.static.source_module import SourceModule

PENDING: Final = " pending"
"""Where a module's cell holds the statements that bind its names, by name, as long as they have not run."""

STARS: Final = "*"
"""Where a module's cell holds the modules that it imports everything from."""


def new_scope(module: SourceModule) -> ModuleScope:
    """A module of which no statement has run."""
    pending: dict[str, list[ast.stmt]] = {}
    stars: list[str] = []
    for statement in module.tree.body:
        for name in dict.fromkeys(bound_names(statement)):
            if name != STARS:
                pending.setdefault(name, []).append(statement)
        stars.extend(
            module.resolve(one.level, one.module) if one.level else one.module or ""
            for one in every_statement([statement])
            if isinstance(one, ast.ImportFrom) and any(alias.name == STARS for alias in one.names)
        )
    return ModuleScope(module, {PENDING: pending, STARS: tuple(stars)})


def bound_names(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement binds where it stands, those in its branches included."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=names):
            for one in names:
                yield one.asname or one.name.partition(".")[0]
        case ast.ImportFrom(names=names):
            for one in names:
                yield one.asname or one.name
        case ast.Assign(targets=targets):
            for target in targets:
                yield from _targets(target)
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
            yield from _targets(target)
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))):
            # `layers.append(...)` changes what the name stands for.
            yield name
        case ast.If() | ast.Try() | ast.TryStar() | ast.With() | ast.For() | ast.While():
            if isinstance(statement, ast.If) and _is_main(statement):
                return
            for one in ast.walk(statement):
                if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
                    yield one.id
            for inner in _inner(statement):
                yield from bound_names(inner)
        case _:
            pass


def every_statement(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body and of those inside, functions and classes included."""
    for statement in body:
        yield statement
        for field in ("body", "orelse", "finalbody"):
            inner = getattr(statement, field, None)
            if inner:
                yield from every_statement(inner)
        for handler in getattr(statement, "handlers", ()):
            yield from every_statement(handler.body)
        for case in getattr(statement, "cases", ()):
            yield from every_statement(case.body)


def _is_main(statement: ast.If) -> bool:
    return any(isinstance(one, ast.Name) and one.id == "__name__" for one in ast.walk(statement.test))


def _inner(statement: ast.stmt) -> Iterator[ast.stmt]:
    for field in ("body", "orelse", "finalbody"):
        yield from getattr(statement, field, ())
    for handler in getattr(statement, "handlers", ()):
        yield from handler.body


def _targets(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Name(id=name):
            yield name
        case ast.Tuple(elts=elts) | ast.List(elts=elts):
            for one in elts:
                yield from _targets(one)
        case ast.Starred(value=inner) | ast.Subscript(value=inner):
            yield from _targets(inner)
        case _:
            pass
