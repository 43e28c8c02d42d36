"""Decorators around the functions of a graph: what TorchScript, which reads the function under them, would drop."""

import ast
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import torch

from namedtorch.diagnostics import LowerError

NO_GRAD = "_namedtorch_no_grad"
"""The name under which a function in the graph sees `torch.no_grad`."""

_CHECKS = ("jaxtyping.", "beartype.", "typeguard.")
_WITHOUT_GRADIENTS = (torch.no_grad, torch.inference_mode)


def is_without_gradients(function: FunctionType) -> bool:
    """Whether a decorator around a function turns gradients off: `torch.no_grad()`, `torch.inference_mode()`.

    Checks of hints (`@checked`, `jaxtyped`, `beartype`) and caches may be taken off: the guard and TorchScript's types
    hold the one, and the other changes no result. Raises LowerError for any other decorator that keeps `__wrapped__`.
    """
    found = False
    for layer in _layers(function):
        if is_check(layer):
            continue
        if isinstance(_context(layer), _WITHOUT_GRADIENTS):
            found = True
            continue
        raise LowerError(
            f"{getattr(function, '__qualname__', function)} is decorated with {_named(layer)}, which TorchScript drops "
            f"without a word: it compiles the function under it; {_remedy(layer)}\n  {_place(function)}"
        )
    return found


def without_gradients(definition: ast.FunctionDef) -> None:
    """Puts the body of a parsed definition into `with torch.no_grad():`; a `Rewrite`."""
    start = 1 if ast.get_docstring(definition, clean=False) is not None else 0
    body = definition.body[start:]
    if body:
        call = ast.parse(f"{NO_GRAD}()", mode="eval").body
        statement = ast.With([ast.withitem(call)], body)
        for one in (statement, *ast.walk(call)):
            if "lineno" in one._attributes:
                ast.copy_location(one, body[0])
        definition.body = [*definition.body[:start], statement]


def _layers(function: Any) -> Iterator[Any]:
    """The decorators' functions from the outermost to the last before the function itself."""
    while hasattr(function, "__wrapped__"):
        yield function
        function = function.__wrapped__


def is_check(layer: Any) -> bool:
    """Whether a decorator's function only checks hints, or keeps results: what it wraps gives the same results."""
    record = getattr(layer, "__namedtorch__", None)
    # functools.wraps copies attributes, so decorators above @checked carry its record as well.
    if record is not None and record.function is layer.__wrapped__:
        return True
    if not isinstance(layer, FunctionType):
        return hasattr(layer, "cache_parameters")  # functools.lru_cache
    home = str(layer.__globals__.get("__name__", ""))
    return home.startswith(_CHECKS) or "<@beartype" in layer.__code__.co_filename


def _context(layer: Any) -> object:
    """The context manager that a decorator of torch's enters around each call; None for any other decorator."""
    if not isinstance(layer, FunctionType) or layer.__code__.co_name != "decorate_context":
        return None
    for cell in layer.__closure__ or ():
        factory = cell.cell_contents
        if callable(factory) and not isinstance(factory, FunctionType):
            return getattr(factory, "__self__", None)
        if isinstance(factory, FunctionType) and factory.__name__ == "ctx_factory":
            return factory()
    return None


def _place(function: Any) -> str:
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return f"{function.__code__.co_filename}:{function.__code__.co_firstlineno}"


def _named(layer: Any) -> str:
    context = _context(layer)
    if context is not None:
        return f"torch's `{type(context).__name__}`"
    if not isinstance(layer, FunctionType):
        return f"`{type(layer).__qualname__}`"
    code = layer.__code__
    maker = code.co_qualname.partition(".<locals>")[0]
    if str(layer.__globals__.get("__name__", "")).startswith("torch."):
        home = layer.__globals__["__name__"]
        return "`torch.compile`" if "dynamo" in home else f"torch's `{maker.removesuffix('_decorator')}`"
    return f"`{maker}` ({code.co_filename}:{code.co_firstlineno})"


def _remedy(layer: Any) -> str:
    if isinstance(layer, FunctionType) and layer.__code__.co_name in (
        "decorate_autocast",
        "autocast_decorator",
    ):
        return "write `with torch.autocast(...)` inside of the function"
    if isinstance(_context(layer), torch.enable_grad | torch.set_grad_enabled):
        return "take it off: a graph computes gradients where its caller does"
    return "move what it does into the function, or lower a model without it"
