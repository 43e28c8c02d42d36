"""The attributes of modules and of what they are configured with, read without running code of theirs."""

import enum
import functools
import inspect
import types
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.mending.module_classes import written_class

Getter = Callable[[Any, types.FunctionType], Any]
"""What the getter of a property gives for its object; Unknown where that is not sure."""

_VALUES = (bool, int, float, str, type(None), list, tuple, dict, set, frozenset, enum.Enum)
_PLAIN_READING = {one.__getattribute__ for one in (object, dict, tuple, types.SimpleNamespace)}
_OF_TORCH: dict[type, tuple[str, ...]] = {
    torch.dtype: ("is_floating_point", "is_complex"),
    torch.device: ("type", "index"),
}


def field(owner: Any, name: str, getter: Getter) -> Any:
    """An attribute of a module, of a Python module, of a class, or of an object; Unknown where it is not sure."""
    if isinstance(owner, nn.Module):
        return _of_module(owner, name, getter)
    if isinstance(owner, types.ModuleType):
        return getattr(owner, name, Unknown)
    if isinstance(owner, enum.Enum):
        return getattr(owner, name) if name in ("value", "name") else Unknown
    if isinstance(owner, type):
        return _of_class(owner, name)
    if type(owner) in _OF_TORCH:
        return getattr(owner, name) if name in _OF_TORCH[type(owner)] else Unknown
    if isinstance(owner, Tensor) or callable(owner):
        return Unknown
    return _of_object(owner, name, getter)


def is_missing(owner: Any, name: str) -> bool:
    """Whether a module has no such attribute at all."""
    if not isinstance(owner, nn.Module) or name in _tables(owner):
        return False
    if inspect.getattr_static(type(owner), name, Unknown) is not Unknown:
        return False
    return type(owner).__getattr__ is nn.Module.__getattr__


def _tables(module: nn.Module) -> dict[str, Any]:
    return {**vars(module), **module._parameters, **module._buffers, **module._modules}


def _of_module(module: nn.Module, name: str, getter: Getter) -> Any:
    if name == "training":
        return Unknown
    if name == "_modules":
        return dict(module._modules)
    if name == "__class__":
        return written_class(module)
    found = _tables(module)
    if name in found:
        return found[name]
    return _of_its_class(module, name, getter)


def _of_its_class(owner: Any, name: str, getter: Getter) -> Any:
    """What the class of an object says of an attribute that the object itself does not have."""
    value = inspect.getattr_static(type(owner), name, Unknown)
    match value:
        case property(fget=types.FunctionType() as get):
            return getter(owner, get)
        case functools.cached_property(func=types.FunctionType() as get):
            return getter(owner, get)
        case types.BuiltinFunctionType():
            return value
        case staticmethod(__func__=types.FunctionType() as function) if not isinstance(owner, nn.Module):
            return function
        case _:
            return value if isinstance(value, _VALUES) else Unknown


def _of_class(owner: type, name: str) -> Any:
    if name in ("__name__", "__qualname__"):
        return getattr(owner, name)
    value = inspect.getattr_static(owner, name, Unknown)
    if isinstance(value, staticmethod):
        return value.__func__
    known = isinstance(value, (*_VALUES, types.BuiltinFunctionType, torch.dtype, type))
    return value if known else Unknown


def _of_object(owner: Any, name: str, getter: Getter) -> Any:
    kind = type(owner)
    if kind.__getattribute__ not in _PLAIN_READING:
        return Unknown
    of_class = inspect.getattr_static(kind, name, Unknown)
    if isinstance(of_class, types.MemberDescriptorType):
        return getattr(owner, name)
    held = getattr(owner, "__dict__", {})
    # A property comes before what the object holds under its name.
    if name in held and not inspect.isdatadescriptor(of_class):
        return held[name]
    if isinstance(owner, tuple) and name in getattr(kind, "_fields", ()):
        return getattr(owner, name)
    return _of_its_class(owner, name, getter)
