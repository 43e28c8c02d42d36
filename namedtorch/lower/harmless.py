"""What may see a tensor and surely leaves it the sizes that it has."""

from types import BuiltinFunctionType, FunctionType
from typing import Any, Final

import torch

from namedtorch.runtime.reveal import reveal_dims

PLAIN_ATTRIBUTES: Final = frozenset(
    {"device", "dim", "dtype", "layout", "ndim", "numel", "requires_grad", "shape", "size", "stride"}
)
"""Attributes and methods of a tensor that give no tensor."""

_READING = (bool, float, int, isinstance, len, print, repr, str, type)

_PYTHON_HOMES = ("torch.functional", "torch.nn.functional")
_BUILTIN_HOMES = (torch, torch.nn.functional, torch.linalg, torch.fft, torch.special)

_TRANSPARENT = (
    torch.no_grad,
    torch.enable_grad,
    torch.inference_mode,
    torch.set_grad_enabled,
    torch.autocast,
    torch.amp.autocast,
    torch.profiler.record_function,
)


def only_reads(function: Any) -> bool:
    """Whether a function is one of Python's that changes none of its arguments, and returns none."""
    return any(function is one for one in _READING)


def gives_back(function: Any) -> bool:
    """Whether a function returns its argument as it is."""
    return function is reveal_dims


def keeps_sizes(function: Any) -> bool:
    """Whether a function leaves its arguments the sizes that they have, but for an `out`; it may return one of them.

    Of torch's, those in place end in "_", and those that call other functions stand elsewhere.
    """
    if only_reads(function) or gives_back(function):
        return True
    name = getattr(function, "__name__", "_")
    if name.endswith("_"):
        return False
    if isinstance(function, FunctionType):
        return function.__module__ in _PYTHON_HOMES
    is_builtin = isinstance(function, BuiltinFunctionType)
    return is_builtin and any(getattr(home, name, None) is function for home in _BUILTIN_HOMES)


def is_transparent(manager: Any) -> bool:
    """Whether a context manager runs its block once, and lets the exceptions of the block pass."""
    return any(manager is one for one in _TRANSPARENT)
