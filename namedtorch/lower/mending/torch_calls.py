"""Calls of torch, of Python's library and of its builtins, for which TorchScript has other forms."""

import ast
import copy
import math
import types
import typing
from types import BuiltinFunctionType, ModuleType
from typing import Any

import numpy as np
import torch
from torch.utils import checkpoint as checkpoints

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.mending import scripted
from namedtorch.lower.mending.constants import literal
from namedtorch.lower.mending.walk import Walk
from namedtorch.lower.mending.writing import expression
from namedtorch.lower.torchscript import is_builtin

_LIMITS = {
    "max": scripted.largest_float,
    "min": scripted.smallest_float,
    "eps": scripted.resolution_of_float,
    "tiny": scripted.normal_of_float,
    "smallest_normal": scripted.normal_of_float,
}
_TEXTS = {"removeprefix": scripted.without_prefix, "removesuffix": scripted.without_suffix}
_FLAT_LISTS = ("list[int]", "list[float]", "list[bool]", "list[str]")
_EXACT_TYPES = (int, float, bool, str)


def folded(node: ast.Call, walk: Walk) -> ast.expr | None:
    """A function of numbers, of NumPy or of `math`, whose arguments are constants: its value."""
    called = walk.work.value(node.func)
    if called is Unknown or node.keywords or not node.args:
        return None
    known = isinstance(called, np.ufunc) or (
        isinstance(called, BuiltinFunctionType) and called.__module__ == "math" and not is_builtin(called)
    )
    if not known or not all(
        isinstance(one, ast.Constant) and type(one.value) in (int, float) for one in node.args
    ):
        return None
    try:
        value = called(*(one.value for one in node.args if isinstance(one, ast.Constant)))
    except (ValueError, OverflowError, ZeroDivisionError, TypeError):
        return None
    if isinstance(value, np.generic):
        value = value.item()
    return literal(value, node, walk.work) if type(value) in (int, float, bool) else None


def library_call(node: ast.Call, walk: Walk) -> ast.expr | None:
    """A call that another expression, or a function of ours, says in the graph."""
    called = walk.work.value(node.func)
    if called is Unknown:
        return _method(node, walk)
    if node.keywords and called is not checkpoints.checkpoint:
        return None
    match node.args:
        case [one] if called is torch.is_tensor:
            return expression(
                "isinstance(value, kind)",
                node,
                value=one,
                kind=walk.work.mention(torch.Tensor, "Tensor", node),
            )
        case [one] if called in (math.prod, np.prod) and walk.type_of(one) == "list[int]":
            function = walk.work.mention(scripted.product_of_ints, "product_of_ints", node)
            return expression("function(values)", node, function=function, values=one)
        case [one] if called is sum and walk.type_of(one) == "list[Tensor]":
            function = walk.work.mention(scripted.sum_of_tensors, "sum_of_tensors", node)
            return expression("function(values)", node, function=function, values=one)
        case [ast.GeneratorExp(elt=element, generators=generators)] if called is sum:
            if walk.work.types.of(element, walk.work.types.inside(generators, walk.around)) != "Tensor":
                return None
            listed = ast.copy_location(ast.ListComp(element, generators), node)
            function = walk.work.mention(scripted.sum_of_tensors, "sum_of_tensors", node)
            return expression("function(values)", node, function=function, values=listed)
        case [one] if called in (copy.copy, copy.deepcopy) and walk.type_of(one) in _FLAT_LISTS:
            return expression("list(values)", node, values=one)
        case [_, one] if called is typing.cast:
            return one
        case [one] if called is repr and walk.type_of(one) == "int":
            return expression("str(value)", node, value=one)
        case [one, kinds] if called is isinstance:
            members = _members(kinds, walk)
            if members is None:
                return None
            return ast.copy_location(ast.Call(node.func, [one, members], []), node)
        case [function, *given] if called is checkpoints.checkpoint:
            options = {one.arg: one.value for one in node.keywords}
            reentrant = options.pop("use_reentrant", None)
            if (
                not isinstance(reentrant, ast.Constant)
                or reentrant.value is not False
                or not options.keys() <= {"preserve_rng_state"}
            ):
                return None
            return ast.copy_location(ast.Call(function, given, []), node)
        case _:
            return None


def _members(kinds: ast.expr, walk: Walk) -> ast.expr | None:
    """The types of `int | float`, as a tuple."""
    if isinstance(kinds, ast.BinOp) and isinstance(kinds.op, ast.BitOr):
        found: list[ast.expr] = []
        waiting: list[ast.expr] = [kinds]
        while waiting:
            one = waiting.pop()
            if isinstance(one, ast.BinOp) and isinstance(one.op, ast.BitOr):
                waiting += [one.right, one.left]
            else:
                found.append(one)
        return ast.copy_location(ast.Tuple(found, ast.Load()), kinds)
    value = walk.work.value(kinds)
    if isinstance(value, tuple | types.UnionType):
        listed: Any = typing.get_args(value) if isinstance(value, types.UnionType) else value
        if not all(isinstance(one, type) for one in listed) or not isinstance(
            kinds, ast.Name | ast.Attribute
        ):
            return None
        names: list[ast.expr] = [walk.work.mention(one, one.__name__, kinds) for one in listed]
        return ast.copy_location(ast.Tuple(names, ast.Load()), kinds)
    return None


def _method(node: ast.Call, walk: Walk) -> ast.expr | None:
    if not isinstance(node.func, ast.Attribute) or node.keywords:
        return None
    owner, method = node.func.value, node.func.attr
    if method == "numel" and not node.args:
        match owner:
            case (
                ast.Attribute(value=tensor, attr="shape")
                | ast.Call(func=ast.Attribute(value=tensor, attr="size"), args=[], keywords=[])
            ):
                return expression("tensor.numel()", node, tensor=tensor)
            case _:
                return None
    if method in _TEXTS and len(node.args) == 1 and walk.type_of(owner) == "str":
        function = walk.work.mention(_TEXTS[method], _TEXTS[method].__name__, node)
        return expression("function(text, part)", node, function=function, text=owner, part=node.args[0])
    return None


def library_attribute(node: ast.Attribute, walk: Walk) -> ast.expr | None:
    """`x.dtype.is_floating_point`, `torch.finfo(x.dtype).min`."""
    if not isinstance(node.ctx, ast.Load):
        return None
    match node:
        case ast.Attribute(
            value=ast.Attribute(value=tensor, attr="dtype"), attr="is_floating_point" | "is_complex"
        ):
            if isinstance(walk.work.value(tensor), ModuleType):
                return None
            return expression(f"tensor.{node.attr}()", node, tensor=tensor)
        case ast.Attribute(value=ast.Call(func=func, args=[dtype], keywords=[])):
            called = walk.work.value(func)
        case _:
            return None
    if called not in (torch.finfo, torch.iinfo):
        return None
    known = walk.work.value(dtype)
    if isinstance(known, torch.dtype):
        try:
            return literal(getattr(called(known), node.attr), node, walk.work)
        except (TypeError, AttributeError):
            return None
    function = _LIMITS.get(node.attr)
    if called is not torch.finfo or function is None:
        return None
    written = walk.work.mention(function, function.__name__, node)
    return expression("function(dtype)", node, function=written, dtype=dtype)


def plus(node: ast.UnaryOp, walk: Walk) -> ast.expr | None:
    """`+x` of a number or a tensor."""
    if not isinstance(node.op, ast.UAdd):
        return None
    return node.operand if walk.type_of(node.operand) in ("int", "float", "Tensor") else None


def type_test(node: ast.Compare, walk: Walk) -> ast.expr | None:
    """`type(n) == int`: TorchScript's types are exact, so that `isinstance` asks the same."""
    match node:
        case ast.Compare(
            left=ast.Call(func=func, args=[value], keywords=[]),
            ops=[ast.Eq() | ast.Is() | ast.NotEq() | ast.IsNot() as op],
            comparators=[kind],
        ):
            if walk.work.value(func) is not type or walk.work.value(kind) not in _EXACT_TYPES:
                return None
        case _:
            return None
    text = "isinstance(value, kind)" if isinstance(op, ast.Eq | ast.Is) else "not isinstance(value, kind)"
    return expression(text, node, value=value, kind=kind)
