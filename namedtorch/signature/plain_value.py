"""A value for a hint without dims, by its text."""

import ast
from typing import Any

from namedtorch.dims.unknown import Unknown

_SCALARS: dict[str, Any] = {
    "bool": False,
    "int": 1,
    "float": 1.0,
    "complex": 1j,
    "str": "",
    "bytes": b"",
    "None": None,
    "NoneType": None,
}
_LISTS = ("list", "List", "Sequence", "Iterable", "Collection")
_MAPPINGS = ("dict", "Dict", "Mapping")


def plain_value(text: str) -> Any:
    """A simple value that a hint takes: 1 for `int`, `""` for `str`, None for `X | None`; Unknown if none is known."""
    try:
        return _value(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError):
        return Unknown


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=None):
            return None
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _SCALARS.get(name, Unknown)
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return _first([left, right])
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=ast.Tuple(elts=parts)):
            return _generic(name, parts)
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=part):
            return _generic(name, [part])
        case _:
            return Unknown


def _generic(name: str, parts: list[ast.expr]) -> Any:
    if name == "Optional":
        return None
    if name == "Union":
        return _first(parts)
    if name == "Literal" and isinstance(parts[0], ast.Constant):
        return parts[0].value
    if name in ("Final", "Annotated", "ClassVar"):
        return _value(parts[0])
    if name in ("tuple", "Tuple"):
        repeats = isinstance(parts[-1], ast.Constant) and parts[-1].value is ...
        items = tuple(_value(part) for part in (parts[:1] if repeats else parts))
        return Unknown if Unknown in items else items
    if name in _LISTS:
        item = _value(parts[0])
        return Unknown if item is Unknown else [item]
    if name in _MAPPINGS and len(parts) == 2:
        key, value = _value(parts[0]), _value(parts[1])
        return Unknown if Unknown in (key, value) else {key: value}
    return Unknown


def _first(parts: list[ast.expr]) -> Any:
    """None, where it is an alternative; else the value of the first that has one."""
    values = [_value(part) for part in parts]
    if None in values:
        return None
    return next((one for one in values if one is not Unknown), Unknown)
