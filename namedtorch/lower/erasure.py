"""Modules and functions that speak of names, as TorchScript is to read them: their names turned into positions."""

from collections.abc import Iterable, Mapping
from types import FunctionType
from typing import Any

from torch import nn

from namedtorch.erase.erasure import Erased, erased_function, erased_module
from namedtorch.erase.evidence import function_speaks, module_speaks
from namedtorch.erase.live_modules import plain_kind
from namedtorch.erase.live_tensors import holds_names
from namedtorch.lower.modules import become, exported, subclass
from namedtorch.lower.torchscript import export
from namedtorch.values.named_tensor import plain


def erase_names(root: nn.Module, given: Mapping[str, Any] | None = None) -> list[type]:
    """Gives every module of a tree, which is a copy, methods in plain torch; gives the classes that were made.

    Tensors that modules hold lose their names. Modules whose code speaks of no names keep their class. `given` is what
    is known of arguments of forward beyond their annotations; then the methods that are exported stay as they are.
    Raises `EraseError` where names can't be told.
    """
    if not module_speaks(root.modules()):
        return []
    methods = {name: {} for name in ("forward", *exported(root))} if given is None else {"forward": given}
    erased = erased_module(root, methods)
    for one in root.modules():
        become(one, plain_kind(type(one)))
        _drop_names(one)
    return _with_members(root.modules(), erased)


def without_names(function: FunctionType, given: Mapping[str, Any] | None = None) -> FunctionType:
    """A function in plain torch; itself where it speaks of no names.

    `given` is what is known of its arguments beyond their annotations. Raises `EraseError`.
    """
    if not function_speaks(function):
        return function
    return erased_function(function, given or {}).functions.get(function, function)


def _with_members(modules: Iterable[nn.Module], erased: Erased) -> list[type]:
    """Gives modules their members; those of one class with the same members share a class."""
    made: dict[tuple[type, tuple[tuple[str, int], ...]], type] = {}
    for one in modules:
        members = erased.members.get(id(one))
        if not members:
            continue
        key = type(one), tuple(sorted((name, id(_function_of(member))) for name, member in members.items()))
        if key not in made:
            made[key] = subclass(type(one), dict(members))
            for name in exported(one):
                if name in members:
                    # What exports a method stands above the decorators that are off now.
                    export(_function_of(members[name]))
        become(one, made[key])
    return list(made.values())


def _function_of(member: Any) -> Any:
    return member.fget if isinstance(member, property) else getattr(member, "__func__", member)


def _drop_names(module: nn.Module) -> None:
    """Puts plain tensors in the place of named ones that a module holds."""
    for table in (vars(module), module._buffers):
        for name, value in list(table.items()):
            if holds_names(value):
                table[name] = plain(value)
