"""Hooks around the forward of a module, with the types that TorchScript asks of them."""

import ast
import copy
import inspect
import linecache
from collections.abc import Iterator, Sequence
from types import FunctionType, MethodType
from typing import Any

from torch import Tensor, nn

from namedtorch.diagnostics import AnnotationError, LowerError
from namedtorch.erase.rewritten import rewritten
from namedtorch.lower.functions import innermost, is_torchs
from namedtorch.lower.signatures import held_signature
from namedtorch.lower.source import Sources
from namedtorch.signature.hints import ANYTHING, TensorHint, read_hint

_TENSOR = read_hint(Tensor)


def type_hooks(module: nn.Module, sources: Sources) -> None:
    """Gives the hooks of a module, a copy, the types of its forward, where they have none.

    Lambdas become functions, and so do methods that do not use their object. Only for a forward from tensors to a
    tensor; any other hook is left as it is.
    """
    count = _tensors(module)
    if count is None:
        return
    given = tuple[tuple(Tensor for _ in range(count))]  # pyright: ignore[reportGeneralTypeIssues]
    for table, before, keywords in (
        (module._forward_hooks, False, module._forward_hooks_with_kwargs),
        (module._forward_pre_hooks, True, module._forward_pre_hooks_with_kwargs),
    ):
        for key, hook in list(table.items()):
            made = None if key in keywords or is_torchs(hook) else _typed(hook, given, before, sources)
            if made is not None:
                table[key] = made


def _tensors(module: nn.Module) -> int | None:
    """How many tensors the forward of a module takes, None if it takes or gives anything else."""
    forward = innermost(type(module).forward)
    try:
        signature = held_signature(type(module).forward)
    except (LowerError, AnnotationError):
        return None
    _, *parameters = inspect.signature(forward).parameters.values()
    plain = all(one.kind is one.POSITIONAL_OR_KEYWORD and one.default is one.empty for one in parameters)
    hints = [*(one.hint for one in signature.parameters[1:]), signature.result]
    tensors = all(isinstance(one, TensorHint) or one in (ANYTHING, _TENSOR) for one in hints)
    return len(parameters) if plain and tensors and parameters else None


def _typed(hook: Any, given: Any, before: bool, sources: Sources) -> FunctionType | None:
    function, dropped = (hook.__func__, 1) if isinstance(hook, MethodType) else (hook, 0)
    if not isinstance(function, FunctionType) or hasattr(function, "__wrapped__"):
        return None
    node = _lambda(function) if function.__name__ == "<lambda>" else None
    if node is None:
        definition = sources.find(function)
        if definition is None:
            return None
        node = copy.deepcopy(definition.node)
    arguments = node.args
    listed = [*arguments.posonlyargs, *arguments.args][dropped:]
    if len(listed) != (2 if before else 3) or arguments.kwonlyargs or arguments.vararg or arguments.kwarg:
        return None
    if arguments.defaults or (dropped and _mentions(node, arguments.args[0].arg)):
        return None
    annotated = [one for one in listed[1:] if one.annotation is not None]
    if annotated and not (dropped and node.returns is not None and len(annotated) == len(listed) - 1):
        return None
    gives = _gives(node.body)
    if gives is None:
        return None
    arguments.posonlyargs, arguments.args = [], listed
    meant: dict[str, Any] = {} if not annotated else dict(function.__annotations__)
    if not annotated:
        meant = {listed[1].arg: given} | ({} if before else {listed[2].arg: Tensor})
        meant["return"] = type(None) if not gives else given if before else Tensor
        for one in listed[1:]:
            one.annotation = ast.Name("Tensor", ast.Load())
        node.returns = ast.Constant(None) if not gives else ast.Name("Tensor", ast.Load())
    made = rewritten(function, node, None, meant)
    made.__name__ = node.name
    return made


def _gives(body: Sequence[ast.stmt]) -> bool | None:
    """Whether a hook gives a value on every way out; None if only on some."""
    values = [one.value is not None for one in _returns(body)]
    if values and all(values):
        return True if isinstance(body[-1], ast.Return) else None
    return None if any(values) else False


def _returns(body: Sequence[ast.stmt]) -> Iterator[ast.Return]:
    for one in body:
        if isinstance(one, ast.Return):
            yield one
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(one, name, None)
            if isinstance(inner, list) and not isinstance(one, ast.FunctionDef | ast.ClassDef):
                yield from _returns(inner)


def _mentions(node: ast.FunctionDef, name: str) -> bool:
    parts = (part for one in node.body for part in ast.walk(one))
    return any(isinstance(one, ast.Name) and one.id == name for one in parts)


def _lambda(function: FunctionType) -> ast.FunctionDef | None:
    """The definition that does what a lambda does, which is the only one in its line."""
    lines = linecache.getlines(function.__code__.co_filename, function.__globals__)
    try:
        tree = ast.parse("".join(lines))
    except (SyntaxError, ValueError):
        return None
    line = function.__code__.co_firstlineno
    found = [one for one in ast.walk(tree) if isinstance(one, ast.Lambda) and one.lineno == line]
    if len(found) != 1:
        return None
    result = ast.copy_location(ast.Return(found[0].body), found[0].body)
    made = ast.FunctionDef("hook", found[0].args, [result], [], None)
    return ast.copy_location(made, found[0])
