"""Attributes of a module that may be None: a local of the method in their place, which a test of None narrows."""

import ast
import copy
import types
import typing
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from torch import nn

from namedtorch.lower.mending.module_expressions import names_stored


def mirrored(
    definition: ast.FunctionDef, receiver: str, optional: Collection[str], others: Collection[str]
) -> bool:
    """Reads and writes attributes that may be None through locals, where a method tests them for None.

    `optional` are the attributes whose type in the graph has None in it, `others` those that code which the method
    calls may change, for which no local can stand. Whether anything changed.
    """
    wanted = [name for name in _tested(definition, receiver) if name in optional and name not in others]
    taken = {
        *names_stored(definition),
        *(one.arg for one in ast.walk(definition.args) if isinstance(one, ast.arg)),
    }
    taken |= {one.id for one in ast.walk(definition) if isinstance(one, ast.Name)}
    changed = False
    for name in wanted:
        local = name
        while local in taken:
            local += "_"
        if _mirror(definition, receiver, name, local):
            taken.add(local)
            changed = True
    return changed


def optional_attributes(module: nn.Module, annotations: Mapping[str, Any]) -> set[str]:
    """The attributes that have a type with None in it, by what annotates them."""
    found: set[str] = set()
    for name, annotation in annotations.items():
        if name in module._modules or name in getattr(type(module), "__constants__", ()):
            continue
        origin = typing.get_origin(annotation)
        if origin in (typing.Union, types.UnionType) and type(None) in typing.get_args(annotation):
            found.add(name)
    return found


def _tested(definition: ast.FunctionDef, receiver: str) -> Iterator[str]:
    met: set[str] = set()
    for one in ast.walk(definition):
        match one:
            case ast.Compare(
                left=ast.Attribute(value=ast.Name(id=owner), attr=name),
                ops=[ast.Is() | ast.IsNot()],
                comparators=[ast.Constant(value=None)],
            ) if owner == receiver and name not in met:
                met.add(name)
                yield name
            case _:
                pass


def _mirror(definition: ast.FunctionDef, receiver: str, name: str, local: str) -> bool:
    """Puts a local in the place of one attribute; False where its stores are of another kind than plain ones."""
    mentions = [one for one in ast.walk(definition) if _is(one, receiver, name)]
    stores = [
        one
        for one in ast.walk(definition)
        if isinstance(one, ast.Assign) and _is(one.targets[0], receiver, name)
    ]
    stored = [one for one in mentions if isinstance(one, ast.Attribute) and not isinstance(one.ctx, ast.Load)]
    inner = (ast.FunctionDef, ast.Lambda, ast.ClassDef, ast.AsyncFunctionDef)
    nested = [one for one in ast.walk(definition) if isinstance(one, inner) and one is not definition]
    if len(stored) != len(stores) or any(len(one.targets) != 1 for one in stores):
        return False
    if any(mention is part for one in nested for part in ast.walk(one) for mention in mentions):
        return False
    first = next(
        place
        for place, one in enumerate(definition.body)
        if any(_is(part, receiver, name) for part in ast.walk(one))
    )
    start = definition.body[first]
    read = ast.Assign(
        [ast.Name(local, ast.Store())], ast.Attribute(ast.Name(receiver, ast.Load()), name, ast.Load())
    )
    _place(read, start)
    writer = _Mirror(receiver, name, local)
    body: list[ast.stmt] = []
    for one in definition.body[first:]:
        new = writer.visit(one)
        body += new if isinstance(new, list) else [new]
    definition.body[first:] = [read, *body]
    return True


class _Mirror(ast.NodeTransformer):
    def __init__(self, receiver: str, name: str, local: str) -> None:
        self._receiver = receiver
        self._name = name
        self._local = local

    def visit_Assign(self, node: ast.Assign) -> Any:
        if not _is(node.targets[0], self._receiver, self._name):
            return self.generic_visit(node)
        kept = ast.Assign([ast.Name(self._local, ast.Store())], self.visit(node.value))
        written = ast.Assign([copy.deepcopy(node.targets[0])], ast.Name(self._local, ast.Load()))
        return [_place(kept, node), _place(written, node)]

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        if _is(node, self._receiver, self._name):
            return ast.copy_location(ast.Name(self._local, ast.Load()), node)
        return self.generic_visit(node)


def _is(node: ast.AST, receiver: str, name: str) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id=owner), attr=attribute):
            return owner == receiver and attribute == name
        case _:
            return False


def _place(new: ast.stmt, old: ast.stmt) -> ast.stmt:
    for one in ast.walk(new):
        if "lineno" in one._attributes and not hasattr(one, "lineno"):
            ast.copy_location(one, old)
    return new
