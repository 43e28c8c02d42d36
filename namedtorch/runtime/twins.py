"""Twins: modules in plain torch that share everything with those that speak of names, but for their code.

A twin has the attributes of its module, the same dict of them, and a class whose methods are erased. What it hands out
are the twins of the modules, and the plain tensors of the named ones, that its module holds.
"""

import weakref
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, Final, TypeAlias, cast

from torch import nn

from namedtorch.erase.erasure import Erased
from namedtorch.erase.live_modules import plain_kind
from namedtorch.erase.live_tensors import holds_names
from namedtorch.static.interpreter.domain import Val
from namedtorch.values.named_tensor import plain

Naming: TypeAlias = Callable[[Any], Any]
"""Puts names on a plain result."""

_MODULES: Final = "_modules"

_CONTAINERS: Final = (nn.Sequential, nn.ModuleList, nn.ModuleDict)


class Twins:
    """The twins of a tree of modules, whose code is `erased`.

    A module that was put into the tree later runs as it is: what the erased code reads of the tree is a premise of it.
    """

    def __init__(
        self, module: nn.Module, erased: Erased, naming: Callable[[str, Any, Val], Naming | None]
    ) -> None:
        self.erased = erased
        self._naming = naming
        self._known = {id(one): weakref.ref(one) for one in module.modules()}
        self._classes: dict[tuple[Any, ...], type[nn.Module]] = {}
        self._twins: dict[int, tuple[weakref.ref[nn.Module], nn.Module]] = {}
        self._originals: dict[int, weakref.ref[nn.Module]] = {}
        self.root = self.twin(module)

    def function(self, function: FunctionType) -> Callable[..., Any]:
        """What a method of the outermost module became; itself where it speaks of no names."""
        return self.erased.functions.get(function, function)

    def twin(self, module: nn.Module) -> nn.Module:
        """The twin of a module of the tree."""
        known = self._twins.get(id(module))
        if known is not None and known[0]() is module and not self._is_stale(module, known[1]):
            return known[1]
        made = self._made(module)
        self._twins[id(module)] = weakref.ref(module), made
        if made is not module:
            self._originals[id(made)] = weakref.ref(module)
        return made

    def _is_stale(self, module: nn.Module, twin: nn.Module) -> bool:
        """Whether a container holds other modules than when its twin was made."""
        if type(module) not in _CONTAINERS:
            return False
        held = [self._twin_of(one) for one in module._modules.values()]
        return any(one is not other for one, other in zip(held, twin._modules.values(), strict=False)) or len(
            held
        ) != len(twin._modules)

    def _modules_of(self, twin: nn.Module) -> dict[str, nn.Module | None]:
        held = vars(twin)[_MODULES]
        return {name: None if one is None else self.twin(one) for name, one in held.items()}

    def _twin_of(self, module: nn.Module | None) -> nn.Module | None:
        known = None if module is None else self._twins.get(id(module))
        return known[1] if known is not None and known[0]() is module else None

    def _made(self, module: nn.Module) -> nn.Module:
        owner = plain_kind(type(module))
        if owner in _CONTAINERS and _MODULES in vars(module):
            twin = _blank(owner)
            held = {name: None if one is None else self.twin(one) for name, one in module._modules.items()}
            object.__setattr__(twin, "__dict__", {**vars(module), _MODULES: held})
            return twin
        known = self._known.get(id(module))
        is_known = known is not None and known() is module
        members = self.erased.members.get(id(module), {}) if is_known else {}
        held = self._held(module, self.erased.attributes.get(id(module), {}) if is_known else {})
        if not members and not module._modules and not held and owner is type(module):
            return module
        key = (
            owner,
            # What names an attribute is made for one module.
            tuple(sorted((name, 0 if naming is None else id(naming)) for name, naming in held.items())),
            tuple(sorted((name, id(_function_of(one))) for name, one in members.items())),
        )
        if key not in self._classes:
            plainly = {name: _unnamed(name, naming) for name, naming in held.items()}
            if isinstance(module, _CONTAINERS):
                # A container of the user's runs through its modules by this attribute.
                plainly[_MODULES] = property(self._modules_of)
            self._classes[key] = self._class(owner, {**plainly, **members})
        twin = _blank(owner)
        object.__setattr__(twin, "__dict__", vars(module))
        object.__setattr__(twin, "__class__", self._classes[key])
        return twin

    def _held(self, module: nn.Module, written: Mapping[str, Val]) -> dict[str, Naming | None]:
        """The attributes that hold tensors with names, or get them, and what names those that they get."""
        found: dict[str, Naming | None] = {
            name: None for name, one in vars(module).items() if holds_names(one)
        }
        for name, value in written.items():
            naming = self._naming(name, vars(module).get(name), value)
            if naming is not None:
                found[name] = naming
        return found

    def _class(self, owner: type, members: dict[str, Any]) -> type[nn.Module]:
        twin, twins, originals = self.twin, self._twins, self._originals
        kind: Any = owner
        read: Callable[[Any, str], Any] = kind.__getattr__
        write: Callable[[Any, str, Any], None] = kind.__setattr__
        quick = read is nn.Module.__getattr__

        def __getattr__(self: Any, name: str) -> Any:
            value = self.__dict__[_MODULES].get(name) if quick else None
            if value is None:
                value = read(self, name)
            if isinstance(value, nn.Module):
                known = twins.get(id(value))
                if known is not None and known[0]() is value and not isinstance(value, _CONTAINERS):
                    return known[1]
                return twin(value)
            return value

        def __setattr__(self: Any, name: str, value: Any) -> None:
            if isinstance(value, nn.Module) and id(value) in originals:
                value = originals[id(value)]()
            write(self, name, value)

        own = {"__getattr__": __getattr__, "__setattr__": __setattr__}
        return derived(owner, {**members, **own})


def derived(owner: type, members: Mapping[str, Any]) -> type[nn.Module]:
    """A class like the user's but for these members: what is set on it is set on the user's.

    It is no subclass that the user's classes hear of by `__init_subclass__`.
    """

    def __setattr__(kind: type, name: str, value: Any) -> None:
        del kind
        setattr(owner, name, value)

    def __init_subclass__(kind: type) -> None:
        del kind

    metaclass: Any = type(owner.__name__, (type(owner),), {"__setattr__": __setattr__})
    quiet = {"__module__": owner.__module__, "__init_subclass__": classmethod(__init_subclass__)}
    unheard = type("Unheard", (), quiet)
    names = {"__module__": owner.__module__, "__qualname__": owner.__qualname__, "__doc__": owner.__doc__}
    return cast("type[nn.Module]", metaclass(owner.__name__, (unheard, owner), {**names, **members}))


def _unnamed(name: str, naming: Naming | None) -> property:
    """An attribute that holds tensors with names, as plain ones; what it gets has names again."""

    def read(self: Any) -> Any:
        return plain(self.__dict__[name])

    def write(self: Any, value: Any) -> None:
        self.__dict__[name] = value if naming is None else naming(value)

    return property(read, write)


def _blank(owner: type) -> nn.Module:
    """An object of a class of modules, without any attribute."""
    new = cast("Callable[[type], nn.Module]", owner.__new__)
    return new(owner)


def _function_of(member: Any) -> Any:
    return member.fget if isinstance(member, property) else getattr(member, "__func__", member)
