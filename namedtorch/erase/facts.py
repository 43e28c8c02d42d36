"""What the names alone tell, as constants: `len(x.dims)`, `"C" in x.dims`, `x.dims[0]`."""

import ast
from collections.abc import Sequence
from typing import Any, Final

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.erase.agreement import may_be_named
from namedtorch.erase.evaluation import is_harmless
from namedtorch.erase.site import Site
from namedtorch.static.interpreter.domain import Val

NAMING: Final = ("dims", "names")
"""The attributes of a NamedTensor that hold its names."""

_SIZES: Final = "sizes"
"""The attribute whose keys are names."""


def write_fact(site: Site[Any]) -> ast.expr | None:
    """The constant that an expression is which asks for nothing but names; None for any other expression."""
    node: ast.expr = site.node
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        return None
    values = site.worth.values(node)
    if not values or not _asks_for_names(site, node) or not is_harmless(site, node):
        return None
    found = [constant(one) for one in values]
    first = found[0]
    if first is None or any(one is None or ast.dump(one) != ast.dump(first) for one in found):
        return None
    return first


def constant(value: Val) -> ast.expr | None:
    """A value as it is written; None for one that is no constant."""
    match value:
        case Size():
            return None if value.value is Unknown else number(value.value)
        case bool() | str() | None:
            return ast.Constant(value)
        case tuple():
            items = [constant(one) for one in value]
            known = [one for one in items if one is not None]
            return ast.Tuple(known, ast.Load()) if len(known) == len(items) else None
        case _:
            return None


def number(value: int) -> ast.expr:
    """A number as it is written."""
    return ast.UnaryOp(ast.USub(), ast.Constant(-value)) if value < 0 else ast.Constant(value)


def _asks_for_names(site: Site[Any], node: ast.expr) -> bool:
    match node:
        case ast.Attribute(value=owner, attr=name):
            return name in NAMING and may_be_named(site.worth.values(owner))
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            inside = all(isinstance(one, ast.In | ast.NotIn) for one in ops)
            return any(_asks_for_names(site, one) for one in (left, *comparators)) or (
                inside and _holds_sizes(site, comparators)
            )
        case ast.Call(func=function, args=arguments, keywords=[]):
            of = [function.value] if isinstance(function, ast.Attribute) else []
            return any(_asks_for_names(site, one) for one in (*of, *arguments)) or (
                isinstance(function, ast.Name) and function.id == "len" and _holds_sizes(site, arguments)
            )
        case ast.Subscript(value=owner):
            return _asks_for_names(site, owner)
        case _:
            return False


def _holds_sizes(site: Site[Any], nodes: Sequence[ast.expr]) -> bool:
    return any(
        isinstance(one, ast.Attribute) and one.attr == _SIZES and may_be_named(site.worth.values(one.value))
        for one in nodes
    )
