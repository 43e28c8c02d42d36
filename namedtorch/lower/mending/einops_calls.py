"""Calls of einops, which TorchScript refuses for their patterns, as the steps in plain torch that a pattern means."""

import ast
import copy
from collections.abc import Mapping, Sequence
from types import FunctionType
from typing import Any, cast

import torch

from namedtorch.dims.pattern import Group
from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.erase.homes import public_name
from namedtorch.erase.plain_steps import stepped
from namedtorch.lower.mending import scripted
from namedtorch.lower.mending.walk import Walk
from namedtorch.lower.mending.work import NotSure
from namedtorch.lower.mending.writing import constant, expression, name, placed, statements
from namedtorch.ops.einops_steps import PRODUCT, TRANSFORMS, Written, equation, written
from namedtorch.ops.judge import Misfit
from namedtorch.ops.op_rule import Mismatch, OpRule, bound_arguments
from namedtorch.ops.table import operator_for
from namedtorch.ops.tensor_shape import Undetermined
from namedtorch.signature.hints import TensorHint, read_hint

_TENSORS = "list[Tensor]"


def transformed(node: ast.Call, walk: Walk) -> ast.expr | None:
    """`rearrange(x, "b (h d) -> b h d", h=8)`: the steps on the tensor, and what they would not notice is asserted."""
    row = _row(node, walk)
    if row is Unknown or row.name not in TRANSFORMS:
        return None
    parts = _parts(row, node)
    listed = {one.name for one in row.taken if not one.keywords}
    sizes = {one.arg: one.value for one in node.keywords if one.arg is not None and one.arg not in listed}
    tensor, text = parts["tensor"], _text(parts["pattern"])
    reduction = _text(parts["reduction"]) if "reduction" in parts else ""
    kind = walk.type_of(tensor)
    if kind == _TENSORS or isinstance(tensor, ast.List | ast.ListComp):
        library = walk.work.mention(torch, "torch", node)
        tensor = expression("library.stack(tensors)", node, library=library, tensors=tensor)
    elif kind not in ("Tensor", ""):
        raise NotSure
    try:
        rank = _rank(parts["tensor"], walk)
        told = written(TRANSFORMS[row.name], text, sizes, reduction, rank)
    except (Misfit, Undetermined) as error:
        raise NotSure from error
    held = {one.place: one.size for one in told.held}
    sizes = _in_order(sizes, {one.name for one in held.values()}, walk)
    if held or not told.fails_by_rank:
        tensor = _checked(tensor, told, text, held, sizes, node, walk)
    return placed(stepped(tensor, told.steps, lambda size: _written(size, sizes)), node)


def product(node: ast.Call, walk: Walk) -> ast.expr | None:
    """`einsum(x, y, "b i, b j -> b i j")`: torch's own, with a letter for each name."""
    row = _row(node, walk)
    if row is Unknown or row.name != PRODUCT:
        return None
    *tensors, last = node.args
    if not tensors or node.keywords or any(isinstance(one, ast.Starred) for one in tensors):
        raise NotSure
    try:
        text = equation(_text(last))
    except Misfit as error:
        raise NotSure from error
    if text.count(",") != len(tensors) - 1:
        raise NotSure
    function = expression("library.einsum", node, library=walk.work.mention(torch, "torch", node))
    return ast.copy_location(ast.Call(function, [constant(text, node), *tensors], []), node)


def _row(node: ast.Call, walk: Walk) -> OpRule | UnknownType:
    called = walk.work.value(node.func)
    return operator_for(public_name(called)) if isinstance(called, FunctionType) else Unknown


def _parts(row: OpRule, node: ast.Call) -> Mapping[str, Any]:
    """The expressions by the parameters that they are given for; raises NotSure."""
    if any(isinstance(one, ast.Starred) for one in node.args) or any(
        one.arg is None for one in node.keywords
    ):
        raise NotSure
    named = {one.arg: one.value for one in node.keywords if one.arg is not None}
    try:
        return bound_arguments(row.taken, cast("Any", node.args), cast("Any", named))
    except Mismatch as error:
        raise NotSure from error


def _text(node: Any) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise NotSure


def _rank(tensor: ast.expr, walk: Walk) -> int | UnknownType:
    """The number of axes that the annotation of a parameter tells, which nothing else is assigned to."""
    if not isinstance(tensor, ast.Name):
        return Unknown
    text = tensor.id
    if not walk.work.only_read(text):
        return Unknown
    for one in ast.walk(walk.work.node.args):
        if isinstance(one, ast.arg) and one.arg == text and one.annotation is not None:
            hint = read_hint(walk.work.meaning(one.annotation))
            if isinstance(hint, TensorHint) and not any(isinstance(axis, Group) for axis in hint.shape.axes):
                return len(hint.shape.axes)
    return Unknown


def _in_order(
    sizes: Mapping[str, ast.expr], first: set[str | UnknownType], walk: Walk
) -> dict[str, ast.expr]:
    """The sizes such that they may be written in any order: where several are reckoned, each is kept in a variable."""
    reckoned = [key for key, one in sizes.items() if not _is_plain(one)]
    if len(reckoned) < 2 and not (first & {*reckoned}):
        return dict(sizes)
    return {key: walk.kept(one, key) if key in reckoned else one for key, one in sizes.items()}


def _is_plain(node: ast.expr) -> bool:
    """Whether an expression gives the same wherever it stands in the statement."""
    match node:
        case ast.Constant() | ast.Name():
            return True
        case ast.Attribute(value=inner) | ast.UnaryOp(operand=inner):
            return _is_plain(inner)
        case ast.BinOp(left=left, right=right):
            return _is_plain(left) and _is_plain(right)
        case _:
            return False


def _checked(
    tensor: ast.expr,
    told: Written,
    text: str,
    held: Mapping[int, Size],
    sizes: Mapping[str, ast.expr],
    place: ast.expr,
    walk: Walk,
) -> ast.expr:
    """The tensor, of which the rank and the sizes that no step asks for are asserted."""
    if not walk.may_lift:
        wanted = [
            _written(held[axis], sizes) if axis in held else expression("-1", place)
            for axis in (range(-told.rank, 0) if told.trailing else range(told.rank))
        ]
        function = walk.work.mention(scripted.of_sizes, "of_sizes", place)
        listed = placed(ast.List([copy.deepcopy(one) for one in wanted], ast.Load()), place)
        return expression(
            f"function(tensor, sizes, text{', True' if told.trailing else ''})", place,
            function=function, tensor=tensor, sizes=listed, text=constant(text, place),
        )  # fmt: skip
    tensor = walk.kept(tensor, "tensor")
    if not told.fails_by_rank:
        count = f"{told.rank} {'axis' if told.rank == 1 else 'axes'}{' or more' if told.trailing else ''}"
        said, sign = f"`{text}` takes {count}", ">=" if told.trailing else "=="
        walk.emit(
            *_assertion(expression(f"tensor.dim() {sign} {told.rank}", place, tensor=tensor), said, place)
        )
    for axis, size in held.items():
        wanted = copy.deepcopy(_written(size, sizes))
        said = f"`{text}`: axis {axis} is not of size {ast.unparse(wanted)}"
        test = expression(
            f"tensor.size({axis}) == wanted", place, tensor=tensor, wanted=placed(wanted, place)
        )
        walk.emit(*_assertion(test, said, place))
    return name(tensor.id, place)


def _assertion(test: ast.expr, said: str, place: ast.expr) -> Sequence[ast.stmt]:
    return statements("assert test, said", place, test=test, said=constant(said, place))


def _written(size: Size, sizes: Mapping[str, ast.expr]) -> ast.expr:
    """A size as it is written: the expression that the call gives it, or a number."""
    if size.name is not Unknown:
        return sizes[size.name]
    assert size.value is not Unknown
    return ast.parse(str(size.value), mode="eval").body
