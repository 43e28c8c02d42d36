"""The texts of annotations: strings that are annotations, strings that are shapes, annotations as they are written."""

import ast
import warnings
from functools import lru_cache
from typing import TypeGuard

from namedtorch.dims.unknown import Unknown, UnknownType

MAX_DEPTH = 40
"""Annotations nest no deeper; what does is not looked into."""


class Text(ast.Constant):
    """A constant that is a text, for static type checkers."""

    value: str  # pyright: ignore[reportIncompatibleVariableOverride]


def is_text(node: object) -> TypeGuard[Text]:
    """Tells whether a node is a string."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def width(node: ast.expr) -> int:
    """The number of characters of a node in a string of one line."""
    if is_text(node):
        return len(node.value)
    return max(1, (node.end_col_offset or 0) - node.col_offset)


@lru_cache(maxsize=4096)
def parsed(text: str) -> ast.expr | UnknownType:
    """The expression in a string that is an annotation; Unknown where it is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Unknown


def source(node: ast.expr, depth: int = 0) -> str:
    """An annotation as it is written, for messages."""
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute() if depth < MAX_DEPTH:
            return f"{source(node.value, depth + 1)}.{node.attr}"
        case ast.Constant(value=str(text)) if depth == 0:
            return text
        case ast.Subscript() if depth < MAX_DEPTH and not isinstance(node.value, ast.Call):
            inside = ", ".join(source(one, depth + 1) for one in elements(node))
            return f"{source(node.value, depth + 1)}[{inside or '()'}]"
        case ast.List() if depth < MAX_DEPTH:
            return f"[{', '.join(source(one, depth + 1) for one in node.elts)}]"
        case ast.BinOp(op=ast.BitOr()) if depth < MAX_DEPTH:
            return f"{source(node.left, depth + 1)} | {source(node.right, depth + 1)}"
        case ast.Constant(value=None):
            return "None"
        case _:
            return _unparsed(node)


def _unparsed(node: ast.expr) -> str:
    try:
        return ast.unparse(node)
    except (RecursionError, ValueError):
        return "..."


def elements(node: ast.Subscript) -> list[ast.expr]:
    """What stands in the brackets of a subscript."""
    return node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
