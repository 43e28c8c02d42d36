"""Pieces of a tree written as text, at the place of the user's code that they stand for."""

import ast
import copy
from typing import Any


def expression(text: str, place: ast.AST, /, **parts: ast.expr | str) -> Any:
    """The expression that a text is, with `parts` (expressions, or other names) in the place of names in it."""
    tree = ast.parse(text, mode="eval").body
    return _Filled(place, parts).visit(tree)


def statements(text: str, place: ast.AST, /, **parts: ast.expr | str) -> list[Any]:
    """The statements that a text is, with `parts` in the place of names in it."""
    filled = _Filled(place, parts)
    return [filled.visit(one) for one in ast.parse(text).body]


def constant(value: Any, place: ast.AST) -> Any:
    """A number or text at a place."""
    return ast.copy_location(ast.Constant(value), place)


def name(text: str, place: ast.AST, context: ast.expr_context | None = None) -> Any:
    """A name at a place, read unless `context` says otherwise."""
    return ast.copy_location(ast.Name(text, context or ast.Load()), place)


def placed(node: Any, place: ast.AST) -> Any:
    """A new tree, whose nodes without a place get this one."""
    for one in ast.walk(node):
        if "lineno" in one._attributes and not hasattr(one, "lineno"):
            ast.copy_location(one, place)
    return node


def renamed(node: Any, names: dict[str, str]) -> Any:
    """A copy of a node with other names in it."""
    made = copy.deepcopy(node)
    for one in ast.walk(made):
        if isinstance(one, ast.Name):
            one.id = names.get(one.id, one.id)
        elif isinstance(one, ast.arg):
            one.arg = names.get(one.arg, one.arg)
    return made


class _Filled(ast.NodeTransformer):
    def __init__(self, place: ast.AST, parts: dict[str, ast.expr | str]) -> None:
        self._place = place
        self._parts = parts

    def visit(self, node: ast.AST) -> Any:
        part = self._parts.get(node.id) if isinstance(node, ast.Name) else None
        if part is not None and not isinstance(part, str):
            return copy.deepcopy(part)
        ast.copy_location(node, self._place)
        if isinstance(node, ast.Name) and part is not None:
            node.id = part
        return self.generic_visit(node)
