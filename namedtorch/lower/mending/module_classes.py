"""Classes of modules: their methods, and subclasses that TorchScript takes for them."""

import weakref
from collections.abc import Iterable, Iterator
from types import FunctionType
from typing import Any

from torch import nn

from namedtorch.lower.functions import innermost, is_torchs
from namedtorch.lower.signatures import is_checked
from namedtorch.lower.torchscript import Role, role_of
from namedtorch.lower.translation import names_used

_CALLED_BY_SYNTAX = frozenset({"forward", "__len__", "__getitem__", "__contains__", "__iter__"})


_WRITTEN: "weakref.WeakKeyDictionary[type, type]" = weakref.WeakKeyDictionary()


class _Silent(nn.Module):
    """Keeps a subclass that lives for one lowering from those who register subclasses."""

    def __init_subclass__(cls, **arguments: Any) -> None:
        """Tells nobody."""


def become(module: nn.Module, owner: type) -> None:
    """Changes the class of a module, whatever its own `__setattr__` does."""
    if type(module) is not owner:
        object.__setattr__(module, "__class__", owner)


def subclass(owner: type, members: dict[str, Any]) -> type:
    """A subclass that TorchScript takes for the class: the same name, the same place."""
    names = {"__module__": owner.__module__, "__qualname__": owner.__qualname__, "__doc__": owner.__doc__}
    registers = "__init_subclass__" in {name for one in owner.__mro__[:-1] for name in vars(one)}
    bases = (_Silent, owner) if registers and not issubclass(owner, _Silent) else (owner,)
    metaclass: Any = type(owner)
    made = metaclass(owner.__name__, bases, {**names, **members})
    _WRITTEN[made] = written_class_of(owner)
    return made


def written_class(value: object) -> type:
    """The class of an object that its user wrote, where `subclass` has made another of it."""
    return written_class_of(type(value))


def written_class_of(owner: type) -> type:
    """The class of which `subclass` has made this one, else the class itself."""
    return _WRITTEN.get(owner, owner)


def called_names(modules: Iterable[nn.Module]) -> set[str]:
    """The names of all methods that a graph of these modules may call."""
    bodies: dict[str, list[FunctionType]] = {}
    waiting = list(_CALLED_BY_SYNTAX)
    for owner in {type(one): one for one in modules}:
        for name, _, value in own_members(owner):
            for function in functions_in(value):
                bodies.setdefault(name, []).append(innermost(function))
                if isinstance(value, property) or role_of(function) is Role.EXPORTED:
                    waiting.append(name)
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        waiting.extend(used for body in bodies.get(name, ()) for used in names_used(body))
    return found


def own_members(owner: type) -> Iterator[tuple[str, type, Any]]:
    """The members of a class that are not torch's: name, the class that has it, what stands there."""
    seen: set[str] = set()
    for one in owner.__mro__:
        if one is nn.Module or one is object:
            continue
        for name, value in vars(one).items():
            if name in seen:
                continue
            seen.add(name)
            if any(not is_torchs(function) or is_checked(function) for function in functions_in(value)):
                yield name, one, value


def functions_in(member: Any) -> list[FunctionType]:
    """The functions that TorchScript may compile for a member of a class."""
    match member:
        case FunctionType():
            found = [member]
        case staticmethod() | classmethod():
            found = [member.__func__]
        case property():
            found = [member.fget, member.fset]
        case _:
            found = []
    return [
        one for one in found if isinstance(one, FunctionType) and isinstance(innermost(one), FunctionType)
    ]
