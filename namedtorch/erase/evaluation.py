"""The order in which parts of an expression are evaluated: it stays as it was written where that can be told."""

import ast
from collections.abc import Sequence
from typing import Any, Final

from namedtorch.erase.site import Site
from namedtorch.ops.values import Array
from namedtorch.static.interpreter.domain import External, Method

_BUILTIN: Final = "builtins."

_LATER: Final = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)
"""What does more than give a value."""


def in_order(site: Site[Any], parts: Sequence[ast.expr], order: Sequence[int]) -> list[ast.expr]:
    """Parts of an expression in plain torch, where they stand in another order than they were written in.

    `order` has the indices of `parts` as they will be evaluated; the result is in the order of `parts`. Where one may
    do more than give its value, all get it in front of the statement, in the order in which they were written.
    """
    if list(order) == list(range(len(parts))) or all(is_harmless(site, one) for one in parts):
        return [site.write(one) for one in parts]
    return [_in_front(site, one) for one in parts]


def is_harmless(site: Site[Any], node: ast.expr) -> bool:
    """Whether an expression gives a value and does nothing else: it can be evaluated later, or never."""
    for one in ast.walk(node):
        if isinstance(one, _LATER):
            return False
        if isinstance(one, ast.Call) and not _is_harmless_call(site, one):
            return False
    return True


def _is_harmless_call(site: Site[Any], node: ast.Call) -> bool:
    match site.value(node.func):
        case External(name=name):
            return name.startswith(_BUILTIN) and name != f"{_BUILTIN}print"
        case Method(receiver=Array() | tuple() | str(), name=name):
            return not name.endswith("_")
        case _:
            return False


def _in_front(site: Site[Any], node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Slice):
        bounds = (node.lower, node.upper, node.step)
        return ast.Slice(*(None if one is None else _in_front(site, one) for one in bounds))
    made = site.write(node)
    # A variable may be given another value by what stands behind it, a number may not.
    return made if isinstance(made, ast.Constant) else site.name(made, node)
