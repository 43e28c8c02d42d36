"""Modules chosen by an index or key that waits for the call: one branch for each that may be meant."""

import ast
import copy
from typing import Any

from torch import nn

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.mending.module_expressions import Expressions
from namedtorch.lower.mending.module_values import CONTAINERS, Values

_MOST = 64
_PLAIN = ast.Name | ast.Attribute | ast.Constant | ast.BinOp | ast.UnaryOp | ast.operator | ast.unaryop
_LATER = ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.IfExp | ast.BoolOp


def chosen(
    one: ast.stmt, values: Values, expressions: Expressions, counted: frozenset[str]
) -> list[ast.stmt] | None:
    """The branches for a statement that chooses modules by one index or key; None for any other statement.

    `counted` are locals that are never negative. An index that fits no module raises what it raises in Python.
    """
    if not isinstance(one, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return | ast.Expr):
        return None
    expanded = _Aliases(expressions.aliases).visit(copy.deepcopy(one))
    choices = [
        node for node in ast.walk(expanded) if isinstance(node, ast.Subscript) and _chooses(node, values)
    ]
    later = [part for node in ast.walk(expanded) if isinstance(node, _LATER) for part in ast.walk(node)]
    if not choices or any(node is part for node in choices for part in later):
        return None
    place = choices[0].slice
    keys = _keys([values.of(node.value) for node in choices])
    same = {ast.dump(node.slice) for node in choices} == {ast.dump(place)}
    plain = all(isinstance(node, _PLAIN | ast.expr_context) for node in ast.walk(place))
    if not keys or len(keys) > _MOST or not same or not plain:
        return None
    place = expressions.mended(copy.deepcopy(place))
    wraps = not (isinstance(place, ast.Name) and place.id in counted)
    branches: list[ast.stmt] = [_refusal(place, keys)]
    for key in reversed(keys):
        branch: Any = _Chosen(key, values).visit(copy.deepcopy(expanded))
        branch.value = expressions.mended(branch.value)
        if isinstance(branch, ast.Assign):
            branch.targets = [expressions.mended(target) for target in branch.targets]
        branches = [ast.If(_test(place, key, len(keys), wraps), [branch], branches)]
    for node in ast.walk(branches[0]):
        if "lineno" in node._attributes and not hasattr(node, "lineno"):
            ast.copy_location(node, one)
    return branches


def _chooses(node: ast.AST, values: Values) -> bool:
    match node:
        case ast.Subscript(value=inner, slice=place, ctx=ast.Load()) if not isinstance(place, ast.Slice):
            listed = isinstance(values.of(inner), (nn.ModuleDict, nn.ParameterDict, *CONTAINERS))
            return listed and values.of(place) is Unknown
        case _:
            return False


def _keys(owners: list[Any]) -> list[int] | list[str] | None:
    """The indices or keys that several containers all have, None where they are not the same."""
    found: list[Any] = []
    for one in owners:
        kinds = (*CONTAINERS, nn.ModuleDict, nn.ParameterDict)
        if type(one).__getitem__ not in {kind.__getitem__ for kind in kinds}:
            return None
        found.append(list(range(len(one))) if isinstance(one, CONTAINERS) else list(one.keys()))
    return found[0] if all(one == found[0] for one in found) else None


def _test(place: ast.expr, key: int | str, count: int, wraps: bool) -> ast.expr:
    first = ast.Compare(copy.deepcopy(place), [ast.Eq()], [ast.Constant(key)])
    if isinstance(key, str) or not wraps:
        return first
    below = ast.UnaryOp(ast.USub(), ast.Constant(count - key))
    return ast.BoolOp(ast.Or(), [first, ast.Compare(copy.deepcopy(place), [ast.Eq()], [below])])


def _refusal(place: ast.expr, keys: list[int] | list[str]) -> ast.stmt:
    number = isinstance(keys[0], int)
    words = [
        ast.Constant("index "),
        ast.FormattedValue(copy.deepcopy(place), -1),
        ast.Constant(" is out of range"),
    ]
    text = ast.JoinedStr(words) if number else copy.deepcopy(place)
    name = ast.Name("IndexError" if number else "KeyError", ast.Load())
    return ast.Raise(ast.Call(name, [text], []))


class _Chosen(ast.NodeTransformer):
    """Writes one key in the place of what chooses."""

    def __init__(self, key: int | str, values: Values) -> None:
        self._key = key
        self._values = values

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if _chooses(node, self._values):
            node.slice = ast.copy_location(ast.Constant(self._key), node.slice)
            return node
        return self.generic_visit(node)


class _Aliases(ast.NodeTransformer):
    def __init__(self, aliases: dict[str, ast.expr]) -> None:
        self._aliases = aliases

    def visit_Name(self, node: ast.Name) -> ast.expr:
        known = isinstance(node.ctx, ast.Load) and node.id in self._aliases
        return copy.deepcopy(self._aliases[node.id]) if known else node
