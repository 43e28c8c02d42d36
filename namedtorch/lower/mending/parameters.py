"""Parameters in the form that TorchScript takes."""

import ast
import collections.abc
import types
import typing
from typing import Any

import torch

from namedtorch.lower.mending.constants import literal
from namedtorch.lower.mending.work import Work
from namedtorch.lower.mending.writing import statements

_ITERABLES = (collections.abc.Iterable, collections.abc.Collection)


def mend_parameters(work: Work) -> None:
    """Makes positional-only parameters plain, and gives defaults and types the form that TorchScript takes."""
    arguments = work.node.args
    if arguments.vararg is not None or arguments.kwarg is not None:
        return
    if arguments.posonlyargs:
        arguments.args = [*arguments.posonlyargs, *arguments.args]
        arguments.posonlyargs = []
        work.changed = True
    if not work.definition.rewritten and any(one is not None for one in arguments.kw_defaults):
        # A rewritten function gives torch the defaults by their values.
        work.changed = True
    for argument, default in _with_defaults(work):
        _mend_default(work, argument, default)
    for argument in [*arguments.args, *arguments.kwonlyargs]:
        _mend_type(work, argument)


def _with_defaults(work: Work) -> list[tuple[ast.arg, Any]]:
    arguments = work.node.args
    values = work.function.__defaults__ or ()
    named = work.function.__kwdefaults__ or {}
    pairs = (
        list(zip(arguments.args[len(arguments.args) - len(values) :], values, strict=True)) if values else []
    )
    return [*pairs, *((one, named[one.arg]) for one in arguments.kwonlyargs if one.arg in named)]


def _mend_default(work: Work, argument: ast.arg, default: Any) -> None:
    if argument.annotation is None:
        if type(default) in (int, float, bool, str):
            # Without a type, TorchScript takes a parameter for a Tensor.
            argument.annotation = ast.copy_location(ast.Name(type(default).__name__, ast.Load()), argument)
            work.annotations[argument.arg] = type(default)
            work.changed = True
        return
    if not isinstance(default, list | dict) or not default or not _is_only_read(work, argument.arg):
        return
    meant = work.function.__annotations__.get(argument.arg)
    written = literal(default, argument, work)
    if written is None or meant is None or isinstance(meant, str):
        return
    work.defaults[argument.arg] = None
    work.annotations[argument.arg] = typing.Optional[meant]  # noqa: UP045
    place = work.node.body[0]
    text = "if given is None:\n    given = value"
    start = 1 if ast.get_docstring(work.node, clean=False) is not None else 0
    work.node.body[start:start] = statements(text, place, given=argument.arg, value=written)
    work.changed = True


def _mend_type(work: Work, argument: ast.arg) -> None:
    """Gives a parameter whose type TorchScript has not the one that its values have in a graph."""
    if argument.annotation is None:
        return
    meant = work.function.__annotations__.get(argument.arg)
    if isinstance(meant, str):
        meant = work.meaning(argument.annotation)
    graph = _graph_type(meant)
    if graph is not None:
        work.annotations[argument.arg] = graph
        work.changed = True


def _graph_type(meant: Any) -> Any:
    """`list[int]` for `Iterable[int]`, `torch.Size` and `tuple[int, ...]`, Any for `object`; None for all else."""
    if meant is torch.Size:
        return list[int]
    if meant is object:
        return Any
    origin, inside = typing.get_origin(meant), typing.get_args(meant)
    if origin in _ITERABLES and len(inside) == 1 and isinstance(inside[0], type):
        return list[inside[0]]
    if origin is tuple and len(inside) == 2 and inside[1] is Ellipsis and isinstance(inside[0], type):
        return list[inside[0]]
    if origin in (typing.Union, types.UnionType) and type(None) in inside and len(inside) == 2:
        inner = _graph_type(next(one for one in inside if one is not type(None)))
        return None if inner in (None, Any) else typing.Optional[inner]  # noqa: UP045
    return None


def _is_only_read(work: Work, text: str) -> bool:
    """Whether a function surely leaves what is in a parameter alone, and keeps no hold on it."""

    def is_fine(node: ast.AST, parent: ast.AST) -> bool:
        match parent:
            case ast.Subscript(value=value, ctx=ast.Load()):
                return value is node
            case ast.For(iter=value) | ast.comprehension(iter=value):
                return value is node
            case ast.Call(func=ast.Name(id="len" | "enumerate" | "zip" | "sum" | "max" | "min" | "sorted")):
                return True
            case ast.Compare(ops=[ast.In() | ast.NotIn() | ast.Is() | ast.IsNot()]):
                return True
            case _:
                return False

    uses = work.uses(text)
    return all(isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load) for one, _ in uses) and work.only(
        text, is_fine
    )
