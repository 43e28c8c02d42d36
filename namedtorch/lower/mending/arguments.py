"""`*` and `**` in calls and displays, whose elements TorchScript has to know."""

import ast
import copy
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import torch

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.mending import scripted
from namedtorch.lower.mending.result_types import takes_sizes
from namedtorch.lower.mending.walk import Walk
from namedtorch.lower.mending.work import NotSure
from namedtorch.lower.mending.writing import expression, name, statements


def starred_sizes(node: ast.Call, walk: Walk) -> ast.expr | None:
    """`x.view(*sizes, 3)`: the sizes as one list."""
    if not any(isinstance(one, ast.Starred) for one in node.args) or not _takes_sizes(node, walk):
        return None
    listed = joined(node.args, node, walk, "int")
    made = ast.Call(node.func, [listed], node.keywords)
    return ast.copy_location(made, node)


def starred_list(node: ast.List, walk: Walk) -> ast.expr | None:
    """`[*sizes, 3]`: a sum of lists."""
    if not isinstance(node.ctx, ast.Load) or not any(isinstance(one, ast.Starred) for one in node.elts):
        return None
    return joined(node.elts, node, walk)


def tuple_of_sizes(node: ast.Call, walk: Walk) -> ast.expr | None:
    """`x.view((*sizes, 3))`, `x.view(tuple(sizes))`: an operator takes a list as well."""
    if not _is_operator(node, walk):
        return None
    args = [_listed(one, walk) for one in node.args]
    keywords = [_listed(one.value, walk) for one in node.keywords]
    if not any([*args, *keywords]):
        return None
    made = copy.copy(node)
    made.args = [new or old for new, old in zip(args, node.args, strict=True)]
    made.keywords = [
        ast.copy_location(ast.keyword(one.arg, new or one.value), one)
        for new, one in zip(keywords, node.keywords, strict=True)
    ]
    return made


def tuple_variable(node: ast.Assign, walk: Walk) -> list[ast.stmt] | None:
    """`sizes = tuple(x.shape)`, where all that reads it takes a list as well."""
    match node:
        case ast.Assign(targets=[ast.Name(id=text)], value=ast.Call() | ast.Tuple() as value):
            listed = _listed(value, walk)
        case _:
            return None
    if listed is None or not walk.work.written_once(text):
        return None

    def is_fine(one: ast.AST, parent: ast.AST) -> bool:
        match parent:
            case ast.Call(
                func=ast.Name(id="len" | "enumerate" | "zip" | "list" | "range" | "sum" | "max" | "min")
            ):
                return True
            case ast.Call() if one in parent.args:
                return _is_operator(parent, walk)
            case ast.Subscript(value=value, slice=index, ctx=ast.Load()):
                return value is one and not isinstance(index, ast.Slice)
            case ast.For(iter=value) | ast.comprehension(iter=value):
                return value is one
            case ast.Starred():
                return True
            case _:
                return False

    if not walk.work.only(text, is_fine):
        return None
    return [ast.copy_location(ast.Assign(node.targets, listed), node)]


def compared_sizes(node: ast.Compare, walk: Walk) -> ast.expr | None:
    """`tuple(x.shape) == (2, 3)`: lists that are compared."""
    if len(node.ops) != 1 or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
        return None
    sides: list[ast.expr] = []
    for one in (node.left, node.comparators[0]):
        own = _listed(one, walk) or one
        if isinstance(own, ast.Tuple) and own.elts and all(walk.type_of(item) == "int" for item in own.elts):
            sides.append(ast.copy_location(ast.List(own.elts, ast.Load()), own))
        elif walk.type_of(own) == "list[int]":
            sides.append(own)
        else:
            return None
    if all(new is old for new, old in zip(sides, (node.left, node.comparators[0]), strict=True)):
        return None
    if all(isinstance(one, ast.Tuple) for one in (node.left, node.comparators[0])):
        return None
    return ast.copy_location(ast.Compare(sides[0], node.ops, [sides[1]]), node)


def index_of_tuple(node: ast.Subscript, walk: Walk) -> ast.expr | None:
    """`tuple(x.shape)[0]`: an element of the list."""
    if not isinstance(node.ctx, ast.Load) or isinstance(node.slice, ast.Slice):
        return None
    listed = _listed(node.value, walk)
    return None if listed is None else ast.copy_location(ast.Subscript(listed, node.slice, node.ctx), node)


def _listed(node: ast.expr, walk: Walk) -> ast.expr | None:
    """The list that stands for a tuple of unknown length."""
    match node:
        case ast.Tuple(elts=elements) if any(isinstance(one, ast.Starred) for one in elements):
            try:
                return joined(elements, node, walk)
            except NotSure:
                return None
        case ast.Call(func=ast.Name(id="tuple") as func, args=[inner], keywords=[]):
            if walk.work.value(func) is not tuple or not walk.type_of(inner).startswith("list["):
                return None
            return inner
        case _:
            return None


def joined(elements: Sequence[ast.expr], place: ast.AST, walk: Walk, wanted: str = "") -> ast.expr:
    """A list of elements, some of which are lists; raises NotSure unless all are surely of one type."""
    kinds = {
        walk.type_of(one.value) if isinstance(one, ast.Starred) else f"list[{walk.type_of(one)}]"
        for one in elements
    }
    if len(kinds) != 1 or "list[]" in kinds or not all(one.startswith("list[") for one in kinds):
        raise NotSure
    if wanted and kinds != {f"list[{wanted}]"}:
        raise NotSure
    parts: list[Any] = []
    for one in elements:
        if isinstance(one, ast.Starred):
            parts.append(one.value)
        elif parts and isinstance(parts[-1], ast.List) and getattr(parts[-1], "own", False):
            parts[-1].elts.append(one)
        else:
            made: Any = ast.copy_location(ast.List([one], ast.Load()), place)
            made.own = True
            parts.append(made)
    total = parts[0]
    for one in parts[1:]:
        total = ast.copy_location(ast.BinOp(total, ast.copy_location(ast.Add(), place), one), place)
    return total


def _is_operator(node: ast.Call, walk: Walk) -> bool:
    """Whether a call is of a method of a tensor, or of a function in C of torch's.

    A graph has types: a method of anything else, for which a list is not fine, is refused.
    """
    if not isinstance(node.func, ast.Attribute):
        return False
    owner = walk.work.value(node.func.value)
    if isinstance(owner, ModuleType):
        return owner is torch
    return owner is Unknown and walk.type_of(node.func.value) in ("Tensor", "")


def _takes_sizes(node: ast.Call, walk: Walk) -> bool:
    return _is_operator(node, walk) and isinstance(node.func, ast.Attribute) and takes_sizes(node.func.attr)


def expanded_keywords(node: ast.Call, walk: Walk) -> ast.expr | None:
    """`f(x, **options)` of a dict whose keys are known: its items as keywords."""
    if all(one.arg is not None for one in node.keywords):
        return None
    keywords: list[ast.keyword] = []
    for one in node.keywords:
        if one.arg is not None:
            keywords.append(one)
            continue
        items = _items(one.value, walk)
        keywords += [ast.copy_location(ast.keyword(key, value), one.value) for key, value in items]
    if len({one.arg for one in keywords}) < len(keywords):
        raise NotSure
    return ast.copy_location(ast.Call(node.func, node.args, keywords), node)


def _items(node: ast.expr, walk: Walk) -> list[tuple[str, ast.expr]]:
    """The keys and values of a dict, which evaluate to the same wherever they are written; raises NotSure."""
    if isinstance(node, ast.Name) and node.id in walk.work.locals:
        if not walk.work.written_once(node.id) or not walk.work.only(
            node.id, lambda _, parent: isinstance(parent, ast.keyword)
        ):
            raise NotSure
        walk.work.spent.add(node.id)
        node = _value_of(node.id, walk)
        return [(key, value) for key, value in _display(node) if _is_stable(value, walk)]
    return _display(node)


def _display(node: ast.expr) -> list[tuple[str, ast.expr]]:
    match node:
        case ast.Dict(keys=keys, values=values):
            found: list[tuple[str, ast.expr]] = []
            for key, value in zip(keys, values, strict=True):
                if (
                    not isinstance(key, ast.Constant)
                    or not isinstance(key.value, str)
                    or not key.value.isidentifier()
                ):
                    raise NotSure
                found.append((key.value, copy.deepcopy(value)))
            return found
        case ast.Call(func=ast.Name(id="dict"), args=[], keywords=several):
            if any(one.arg is None for one in several):
                raise NotSure
            return [(one.arg or "", copy.deepcopy(one.value)) for one in several]
        case _:
            raise NotSure


def _value_of(text: str, walk: Walk) -> ast.expr:
    """What a name gets at its one assignment, which stands in the outermost block of the function."""
    for one in walk.work.node.body:
        match one:
            case ast.Assign(targets=[ast.Name(id=own)], value=value) if own == text:
                return value
            case _:
                pass
    raise NotSure


def _is_stable(node: ast.expr, walk: Walk) -> bool:
    """Whether an expression is a constant, or a parameter that nothing assigns; raises NotSure otherwise."""
    for one in ast.walk(node):
        match one:
            case ast.Constant() | ast.UnaryOp() | ast.USub() | ast.Tuple() | ast.List() | ast.Load():
                pass
            case ast.Name(id=text) if text not in walk.work.locals:
                pass
            case ast.Attribute():
                if walk.work.value(one) is Unknown:
                    raise NotSure
            case _:
                raise NotSure
    return True


def merged_dict(node: ast.Dict, walk: Walk) -> ast.expr | None:
    """`{**one, "b": x}`: a copy that is updated."""
    if None not in node.keys:
        return None
    first = node.keys[0] is None
    made = walk.work.fresh("merged")
    if first:
        walk.emit(*statements("made = one.copy()", node, made=made, one=node.values[0]))
        rest = list(zip(node.keys, node.values, strict=True))[1:]
    else:
        start = [(key, value) for key, value in zip(node.keys, node.values, strict=True)]
        stop = next(place for place, (key, _) in enumerate(start) if key is None)
        display = ast.Dict([key for key, _ in start[:stop]], [value for _, value in start[:stop]])
        walk.emit(*statements("made = display", node, made=made, display=ast.copy_location(display, node)))
        rest = start[stop:]
    for key, value in rest:
        if key is None:
            walk.emit(*statements("made.update(other)", node, made=made, other=value))
        else:
            walk.emit(*statements("made[key] = value", node, made=made, key=key, value=value))
    return name(made, node)


def zipped_strictly(node: ast.Call, walk: Walk) -> ast.expr | None:
    """`zip(a, b, strict=True)`: the lengths are compared in front."""
    match node:
        case ast.Call(
            func=ast.Name(id="zip") as func, args=args, keywords=[ast.keyword(arg="strict", value=strict)]
        ):
            if walk.work.value(func) is not zip or not isinstance(strict, ast.Constant):
                return None
        case _:
            return None
    if not strict.value or len(args) < 2:
        return ast.copy_location(ast.Call(func, args, []), node)
    if not all(
        isinstance(one, ast.Name | ast.Attribute) or walk.type_of(one).startswith("list[") for one in args
    ):
        raise NotSure
    if not walk.may_lift:
        return _zipped_in_place(node, func, args, walk)
    args = [one if isinstance(one, ast.Attribute) else walk.kept(one, "values") for one in args]
    made = ast.copy_location(ast.Call(func, args, []), node)
    for one in args[1:]:
        walk.emit(
            *statements(
                "if len(first) != len(other):\n    raise ValueError('zip() arguments are not of one length')",
                node,
                first=args[0],
                other=one,
            )
        )
    return made


def _zipped_in_place(node: ast.Call, func: ast.Name, args: list[ast.expr], walk: Walk) -> ast.expr:
    """The lengths are compared where the lists stand."""
    if not all(isinstance(one, ast.Name) and walk.type_of(one).startswith("list[") for one in args):
        raise NotSure
    function = walk.work.mention(scripted.equal_length, "equal_length", node)
    cut = [
        expression(
            "other[:function(len(first), len(other))]", node, function=function, first=args[0], other=one
        )
        for one in args[1:]
    ]
    return ast.copy_location(ast.Call(func, [args[0], *cut], []), node)


def method_of_function(node: ast.Call, walk: Walk) -> ast.expr | None:
    """A method of a tensor that Python defaults fill, which the function of the same name has in the graph as well."""
    if (
        not isinstance(node.func, ast.Attribute)
        or not node.keywords
        or walk.type_of(node.func.value) != "Tensor"
    ):
        return None
    method = node.func.attr
    python = getattr(torch.Tensor, method, None)
    function: Any = getattr(torch, method, None)
    if not hasattr(python, "__code__") or getattr(function, "__module__", "") != "torch.functional":
        return None
    given = {one.arg for one in node.keywords}
    for schema in torch._C._jit_get_schemas_for_operator(f"aten::{method}"):
        names = [one.name for one in schema.arguments]
        needed = [one.name for one in schema.arguments if not one.has_default_value()]
        positional = set(names[: len(node.args) + 1])
        if given <= {*names} and {*needed} <= positional | given:
            return None
    called = expression(f"module.{method}", node, module=walk.work.mention(torch, "torch", node))
    return ast.copy_location(ast.Call(called, [node.func.value, *node.args], node.keywords), node)
