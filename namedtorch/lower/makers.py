"""The line of an `__init__` that made a module, or that gave it a hook."""

import ast
import inspect
from collections.abc import Iterator, Mapping
from types import FunctionType, MethodType
from typing import Any

from torch import nn

from namedtorch.lower.complaint import Place
from namedtorch.lower.libraries import library_of
from namedtorch.lower.source import Sources


def made_at(modules: Mapping[str, nn.Module], path: str, function: Any) -> Place | None:
    """Where the module at a path was made; where `function`, a hook of it, is written, if it is the user's.

    None where neither is found.
    """
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    if (
        isinstance(function, FunctionType | MethodType)
        and code is not None
        and library_of(code.co_filename) is None
    ):
        return Place(code.co_filename, code.co_firstlineno)
    steps = path.split(".") if path else []
    while steps:
        owner = modules.get(".".join(steps[:-1]))
        if owner is not None:
            lines = list(_lines(owner, steps[-1]))
            hooked = [place for place, registers in lines if registers]
            found = hooked if function is not None and hooked else [place for place, _ in lines]
            if found:
                return found[0]
        # An element of an nn.Sequential or an nn.ModuleList: what holds the container made it.
        steps.pop()
    return None


def _lines(owner: nn.Module, name: str) -> Iterator[tuple[Place, bool]]:
    """The places where the `__init__` of a module's classes sets an attribute, or registers a hook on it."""
    for one in type(owner).__mro__:
        start = one.__dict__.get("__init__")
        start = inspect.unwrap(start) if start is not None else None
        if not isinstance(start, FunctionType) or library_of(start.__code__.co_filename) is not None:
            continue
        definition = Sources().find(start)
        if definition is None:
            continue
        for node in ast.walk(definition.node):
            match node:
                case ast.Attribute(attr=attribute, ctx=ast.Store()) if attribute == name:
                    yield Place(definition.file, node.lineno), False
                case ast.Call(func=ast.Attribute(value=ast.Attribute(attr=attribute), attr=called)):
                    if attribute == name and called in ("register_forward_hook", "register_forward_pre_hook"):
                        yield Place(definition.file, node.lineno), True
                case _:
                    continue
