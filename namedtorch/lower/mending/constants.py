"""Numbers, texts, tuples and dtypes from outside of a function, written where they are read."""

import ast
import enum
import math
import sys
from typing import Any

import torch

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.mending.walk import Walk
from namedtorch.lower.mending.work import NotSure, Work
from namedtorch.lower.mending.writing import constant, expression
from namedtorch.lower.namespace import closure_of

_LONG = 64
_LARGEST = 2**63 - 1
_TORCHS = (torch.dtype, torch.layout, torch.memory_format)
_READ = frozenset({"index", "count", "get", "keys", "values", "items", "copy"})


def outer_name(node: ast.Name, walk: Walk) -> ast.expr | None:
    """A name of the closure or the module that stands for a constant."""
    work = walk.work
    if not isinstance(node.ctx, ast.Load) or node.id in work.locals or node.id in work.names:
        return None
    if not _is_given(work, node.id):
        return None
    value = work.value(node)
    written = literal(value, node, work)
    if written is None or not work.bindings.is_constant(work.function, work.definition, node.id):
        return None
    if isinstance(value, list | dict) and not _is_only_read(work, node.id):
        return None
    return written


def outer_attribute(node: ast.Attribute, walk: Walk) -> ast.expr | None:
    """A constant of a class."""
    work = walk.work
    if not isinstance(node.ctx, ast.Load):
        return None
    owner = work.value(node.value)
    if not isinstance(owner, type) or not isinstance(node.value, ast.Name):
        return None
    if issubclass(owner, enum.Enum) or owner.__module__.partition(".")[0] in ("torch", "builtins"):
        return None
    if _is_set(owner, node.attr, work):
        return None
    value = work.value(node)
    if isinstance(value, list | dict):
        return None
    return None if value is Unknown else literal(value, node, work)


def indexed_tuple(node: ast.Subscript, walk: Walk) -> ast.expr | None:
    """An element of a tuple of constants, whose place is known when the graph runs: a list has it."""
    work = walk.work
    if (
        not isinstance(node.value, ast.Name)
        or node.value.id in work.locals
        or not isinstance(node.ctx, ast.Load)
    ):
        return None
    if isinstance(node.slice, ast.Constant | ast.UnaryOp | ast.Slice):
        return None
    value = work.value(node.value)
    if not isinstance(value, tuple) or len({type(one) for one in value}) != 1:
        return None
    if not work.bindings.is_constant(work.function, work.definition, node.value.id):
        return None
    written = literal(value, node, work)
    if not isinstance(written, ast.Tuple):
        return None
    listed = ast.copy_location(ast.List(written.elts, ast.Load()), node)
    return ast.copy_location(ast.Subscript(listed, node.slice, ast.Load()), node)


def literal(value: Any, place: ast.AST, work: Work) -> Any:
    """What stands for a value in the source, None where nothing does."""
    if isinstance(value, enum.Enum):
        return None
    if value is None or isinstance(value, bool | str):
        return constant(value, place)
    if isinstance(value, int):
        return _signed(int(value), place) if abs(value) <= _LARGEST else None
    if isinstance(value, float):
        return _float(float(value), place)
    if isinstance(value, _TORCHS):
        path = ".".join(("module", *str(value).split(".")[1:]))
        return expression(path, place, module=work.mention(torch, "torch", place))
    if type(value) is torch.device:
        return expression(
            "module.device(text)",
            place,
            module=work.mention(torch, "torch", place),
            text=constant(str(value), place),
        )
    if type(value) in (tuple, list) and 0 < len(value) <= _LONG:
        elements = [literal(one, place, work) for one in value]
        if any(one is None for one in elements):
            return None
        made = ast.Tuple if isinstance(value, tuple) else ast.List
        return ast.copy_location(made(elements, ast.Load()), place)
    if type(value) is dict and 0 < len(value) <= _LONG:
        keys = [literal(one, place, work) for one in value]
        values = [literal(one, place, work) for one in value.values()]
        if any(one is None for one in [*keys, *values]):
            return None
        return ast.copy_location(ast.Dict(keys, values), place)
    return None


def _signed(value: int, place: ast.AST) -> ast.expr:
    if value >= 0:
        return constant(value, place)
    return ast.copy_location(
        ast.UnaryOp(ast.copy_location(ast.USub(), place), constant(-value, place)), place
    )


def _float(value: float, place: ast.AST) -> ast.expr:
    if not math.isfinite(value):
        return expression("float(text)", place, text=constant(str(value), place))
    if math.copysign(1.0, value) > 0:
        return constant(value, place)
    return ast.copy_location(
        ast.UnaryOp(ast.copy_location(ast.USub(), place), constant(-value, place)), place
    )


def _is_given(work: Work, text: str) -> bool:
    """Whether a name is one of the function's surroundings, and not of Python's own."""
    return text in closure_of(work.function) or text in work.function.__globals__


def _is_only_read(work: Work, text: str) -> bool:
    if text in closure_of(work.function) or not work.bindings.is_untouched(work.definition, text):
        return False

    def is_fine(node: ast.AST, parent: ast.AST) -> bool:
        match parent:
            case ast.Subscript(value=value, ctx=ast.Load()):
                return value is node
            case ast.For(iter=value) | ast.comprehension(iter=value):
                return value is node
            case ast.Call(
                func=ast.Name(id="len" | "enumerate" | "range" | "zip" | "sum" | "max" | "min" | "sorted")
            ):
                return True
            case ast.Compare(ops=[ast.In() | ast.NotIn()]):
                return True
            case ast.Attribute(attr=method):
                return method in _READ
            case _:
                return False

    return work.only(text, is_fine)


def _is_set(owner: type, attribute: str, work: Work) -> bool:
    """Whether code of the file of a class, or of the function, may give an attribute of the class another value."""
    holder = next((one for one in owner.__mro__ if attribute in vars(one)), None)
    if holder is None:
        raise NotSure
    module = sys.modules.get(holder.__module__)
    file = getattr(module, "__file__", None)
    if work.bindings.is_set_on_class(work.definition.lines, holder.__name__, attribute):
        return True
    if file is None or file == work.definition.file:
        return file is None and holder.__module__ != "__main__"
    return work.bindings.is_set_in_file(file, holder.__name__, attribute)
