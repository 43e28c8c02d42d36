"""Assignments in the forms that TorchScript takes."""

import ast
import copy
import re
from collections.abc import Mapping
from typing import Any, Optional

import torch

from namedtorch.lower.mending.walk import Walk
from namedtorch.lower.mending.work import NotSure
from namedtorch.lower.mending.writing import constant, expression, name, statements

_TYPE_COMMENT = re.compile(r"#\s*type:\s*(?!ignore)(?P<type>[^#]*[^#\s])")
_DROPPED = frozenset({"Final", "ClassVar"})


def walrus(node: ast.NamedExpr, walk: Walk) -> ast.expr | None:
    """`y := value`, on a line of its own."""
    target = name(node.target.id, node, ast.Store())
    walk.emit(ast.copy_location(ast.Assign([target], node.value), node))
    return name(node.target.id, node)


def starred_target(node: ast.Assign, walk: Walk) -> list[ast.stmt] | None:
    """`first, *rest = values`: elements and a slice of the list."""
    if len(node.targets) != 1 or not isinstance(node.targets[0], ast.Tuple | ast.List):
        return None
    targets = node.targets[0].elts
    stars = [place for place, one in enumerate(targets) if isinstance(one, ast.Starred)]
    kind = walk.type_of(node.value)
    if not stars:
        return _unpacked(node, kind)
    if len(stars) != 1 or not (kind.startswith("list[") or kind == "Tensor"):
        return None
    before, behind = stars[0], len(targets) - stars[0] - 1
    values = walk.work.fresh("values")
    source = expression("value.unbind(0)", node, value=node.value) if kind == "Tensor" else node.value
    made = statements("values = source", node, values=values, source=source)
    if behind or before > 1:
        least = before + behind
        message = f"not enough values to unpack (expected at least {least})"
        made += statements(
            "if len(values) < least:\n    raise ValueError(message)",
            node,
            values=values,
            least=constant(least, node),
            message=constant(message, node),
        )
    for place, one in enumerate(targets):
        if isinstance(one, ast.Starred):
            end = f"len(values) - {behind}" if behind else ""
            text, target = f"target = values[{before}:{end}]", one.value
        else:
            text, target = f"target = values[{place if place < before else place - len(targets)}]", one
        made += _assigned(text, target, values, one)
    return made


def _assigned(text: str, target: ast.expr, values: str, place: ast.AST) -> list[ast.stmt]:
    (made,) = statements(text, place, values=values)
    made.targets = [copy.deepcopy(target)]
    return [made]


def _unpacked(node: ast.Assign, kind: str) -> list[ast.stmt] | None:
    """`a, b = x` of a tensor: the rows of it."""
    if kind != "Tensor":
        return None
    rows = expression("value.unbind(0)", node, value=node.value)
    return [ast.copy_location(ast.Assign(node.targets, rows), node)]


def commented(node: ast.Assign, walk: Walk) -> list[ast.stmt] | None:
    """`values = []  # type: list[int]`, annotated in the code."""
    if len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
        return None
    lines = walk.work.definition.lines
    last = node.end_lineno or node.lineno
    found = _TYPE_COMMENT.search(lines[last - 1]) if last <= len(lines) else None
    if found is None:
        return None
    annotation = expression(found["type"].strip(), node)
    return [ast.copy_location(ast.AnnAssign(node.targets[0], annotation, node.value, 1), node)]


def empty_list(node: ast.Assign, walk: Walk) -> list[ast.stmt] | None:
    """`values = []`, annotated with the type of what is appended."""
    match node:
        case ast.Assign(targets=[ast.Name(id=text) as target], value=ast.List(elts=[])):
            pass
        case ast.Assign(
            targets=[ast.Name(id=text) as target],
            value=ast.Call(func=ast.Name(id="list"), args=[], keywords=[]),
        ):
            pass
        case _:
            return None
    added: set[str] = set()
    for one in ast.walk(walk.work.node):
        match one:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr="append"), args=[value]) if (
                owner == text
            ):
                added.add(walk.type_of(value))
            case _:
                pass
    if len(added) != 1 or not added <= {
        "int",
        "float",
        "bool",
        "str",
        "list[int]",
        "list[float]",
        "list[Tensor]",
    }:
        return None
    if not walk.work.written_once(text):
        return None
    annotation = expression(f"list[{added.pop()}]", node)
    value = ast.copy_location(ast.List([], ast.Load()), node)
    return [ast.copy_location(ast.AnnAssign(target, annotation, value, 1), node)]


def none_first(node: ast.Assign, walk: Walk) -> list[ast.stmt] | None:
    """`past = None`, of a variable that gets a value of one type later: it is Optional from the start."""
    match node:
        case ast.Assign(targets=[ast.Name(id=text) as target], value=ast.Constant(value=None)):
            kind = walk.work.types.other_than_none(text, node.lineno)
        case _:
            return None
    if not kind or kind in ("tuple", "range"):
        return None
    work = walk.work
    annotation = expression(
        f"Optional[{kind}]",
        node,
        Optional=work.mention(Optional, "Optional", node),
        Tensor=work.mention(torch.Tensor, "Tensor", node),
    )
    return [ast.copy_location(ast.AnnAssign(target, annotation, node.value, 1), node)]


def annotated(node: ast.AnnAssign, walk: Walk) -> list[ast.stmt] | None:
    """An annotation without a value, of an attribute, or of a type that TorchScript has not: dropped."""
    if isinstance(node.target, ast.Attribute):
        if node.value is None:
            return []
        if isinstance(node.target.value, ast.Name) and node.target.value.id == walk.work.receiver:
            return [ast.copy_location(ast.Assign([node.target], node.value), node)]
        return None
    if not isinstance(node.target, ast.Name):
        return None
    if node.value is None:
        return _declared(node, walk)
    text = ast.unparse(node.annotation)
    outer = text.partition("[")[0].rpartition(".")[2]
    if outer in _DROPPED:
        inner = node.annotation.slice if isinstance(node.annotation, ast.Subscript) else None
        if inner is not None:
            return [ast.copy_location(ast.AnnAssign(node.target, inner, node.value, 1), node)]
        return [ast.copy_location(ast.Assign([node.target], node.value), node)]
    if re.fullmatch(r"(typing\.)?[tT]uple\[.*, \.\.\.\]", text) and isinstance(node.value, ast.Tuple):
        return [ast.copy_location(ast.Assign([node.target], node.value), node)]
    return None


def _declared(node: ast.AnnAssign, walk: Walk) -> list[ast.stmt]:
    """Nothing: the first assignment of the name takes the annotation, if that stands in the same block."""
    assert isinstance(node.target, ast.Name)
    for block in _blocks(walk.work.node):
        if node not in block and not any(_stands_for(one, node) for one in block):
            continue
        for place, one in enumerate(block):
            match one:
                case ast.Assign(targets=[ast.Name(id=text)], value=value) if text == node.target.id:
                    block[place] = ast.copy_location(
                        ast.AnnAssign(node.target, copy.deepcopy(node.annotation), value, 1), one
                    )
                    return []
                case _ if any(
                    isinstance(item, ast.Name) and item.id == node.target.id for item in ast.walk(one)
                ):
                    if one is not node and not _stands_for(one, node):
                        return []
                case _:
                    pass
    return []


def _stands_for(one: ast.stmt, node: ast.AnnAssign) -> bool:
    return isinstance(one, ast.AnnAssign) and one.value is None and ast.dump(one) == ast.dump(node)


def _blocks(node: ast.AST) -> list[list[Any]]:
    found: list[list[Any]] = []
    for one in ast.walk(node):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(one, field, None)
            if isinstance(block, list):
                found.append(block)
    return found


_DROPPED_IN_PLACE: Mapping[type[ast.operator], str] = {
    ast.BitAnd: "bitwise_and_",
    ast.BitOr: "bitwise_or_",
    ast.BitXor: "bitwise_xor_",
    ast.Pow: "pow_",
}
"""Of tensors TorchScript compiles `&=` to a new one that nobody else sees, and of a part of one to nothing."""


def augmented(node: ast.AugAssign, walk: Walk) -> list[ast.stmt] | None:
    """`//=` and `@=`, and of tensors `&=`, `|=`, `^=`, `**=`, written out."""
    if type(node.op) in _DROPPED_IN_PLACE:
        return _in_place(node, walk)
    if not isinstance(node.op, ast.FloorDiv | ast.MatMult) or not _is_plain(node.target):
        return None
    read = _read(node.target)
    kind = walk.type_of(read)
    if isinstance(node.op, ast.FloorDiv):
        if kind == "Tensor":
            return statements("tensor.floor_divide_(value)", node, tensor=read, value=node.value)
        if kind not in ("int", "float"):
            raise NotSure
    elif kind != "Tensor":
        raise NotSure
    value = ast.copy_location(ast.BinOp(read, node.op, node.value), node)
    return [ast.copy_location(ast.Assign([node.target], value), node)]


def _in_place(node: ast.AugAssign, walk: Walk) -> list[ast.stmt] | None:
    """What an assignment does that changes a tensor in place; None where it does not, or may not, stand for one."""
    read = _read(node.target)
    if isinstance(read, ast.Subscript):
        # An index is read twice; what it calls would be called twice.
        if walk.type_of(read.value) != "Tensor" or any(isinstance(one, ast.Call) for one in ast.walk(read)):
            return None
        value = ast.copy_location(ast.BinOp(read, node.op, node.value), node)
        return [ast.copy_location(ast.Assign([node.target], value), node)]
    if walk.type_of(read) != "Tensor":
        return None
    method = _DROPPED_IN_PLACE[type(node.op)]
    return statements(f"tensor.{method}(value)", node, tensor=read, value=node.value)


def _read(target: ast.expr) -> ast.expr:
    """What stands in the place of an assignment, as an expression."""
    made = copy.deepcopy(target)
    for one in ast.walk(made):
        if isinstance(one, ast.Name | ast.Attribute | ast.Subscript):
            one.ctx = ast.Load()
    return made


def _is_plain(target: ast.expr) -> bool:
    match target:
        case ast.Name() | ast.Attribute(value=ast.Name()):
            return True
        case ast.Subscript(value=ast.Name(), slice=ast.Name() | ast.Constant()):
            return True
        case _:
            return False


def attribute_by_text(node: ast.Expr, walk: Walk) -> list[ast.stmt] | None:
    """`setattr(self, "name", value)`, an assignment."""
    match node.value:
        case ast.Call(
            func=ast.Name(id="setattr"),
            args=[ast.Name(id=owner) as held, ast.Constant(value=str(text)), value],
        ):
            if owner != walk.work.receiver or not text.isidentifier() or node.value.keywords:
                return None
            target = ast.copy_location(ast.Attribute(held, text, ast.Store()), node)
            return [ast.copy_location(ast.Assign([target], value), node)]
        case _:
            return None
