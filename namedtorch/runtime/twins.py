"""Twins: modules in plain torch that share everything with those that speak of names, but for their code.

A twin has the attributes of its module, the same dict of them, and a class whose methods are erased. What it hands out
are the twins of the modules, and the plain tensors of the named ones, that its module holds.
"""

from collections.abc import Callable
from types import FunctionType
from typing import Any, Final, cast

from torch import nn

from namedtorch.erase.erasure import Erased
from namedtorch.erase.live_modules import plain_kind
from namedtorch.erase.live_tensors import holds_names
from namedtorch.values.named_tensor import plain

_MODULES: Final = "_modules"

_CONTAINERS: Final = (nn.Sequential, nn.ModuleList, nn.ModuleDict)


class Twins:
    """The twins of a tree of modules; `erase` says what takes the place of its code."""

    def __init__(self, module: nn.Module, erase: Callable[[], Erased]) -> None:
        self._module = module
        self._erase = erase
        self.erased = erase()
        self._known = _by_id(module)
        self._classes: dict[tuple[Any, ...], type[nn.Module]] = {}
        self._twins: dict[int, tuple[nn.Module, nn.Module]] = {}
        self.root = self.twin(module)

    def function(self, function: FunctionType) -> Callable[..., Any]:
        """What a method of the outermost module became; itself where it speaks of no names."""
        return self.erased.functions.get(function, function)

    def twin(self, module: nn.Module) -> nn.Module:
        """The twin of a module of the tree."""
        known = self._twins.get(id(module))
        if known is not None and known[0] is module and not self._is_stale(*known):
            return known[1]
        made = self._made(module)
        self._twins[id(module)] = module, made
        return made

    def _is_stale(self, module: nn.Module, twin: nn.Module) -> bool:
        """Whether a container holds other modules than when its twin was made."""
        if not isinstance(module, _CONTAINERS):
            return False
        held = [self._twins.get(id(one), (None, None))[1] for one in module._modules.values()]
        return any(one is not other for one, other in zip(held, twin._modules.values(), strict=False)) or len(
            held
        ) != len(twin._modules)

    def _made(self, module: nn.Module) -> nn.Module:
        if id(module) not in self._known:
            # It was put there since.
            self.erased = self._erase()
            self._known |= _by_id(self._module)
        owner = plain_kind(type(module))
        if isinstance(module, _CONTAINERS) and _MODULES in vars(module):
            twin = _blank(owner)
            held = {name: None if one is None else self.twin(one) for name, one in module._modules.items()}
            object.__setattr__(twin, "__dict__", {**vars(module), _MODULES: held})
            return twin
        members = self.erased.members.get(id(module), {})
        named = tuple(sorted(name for name, one in vars(module).items() if holds_names(one)))
        if not members and not module._modules and not named and owner is type(module):
            return module
        key = owner, named, tuple(sorted((name, id(_function_of(one))) for name, one in members.items()))
        if key not in self._classes:
            self._classes[key] = self._class(owner, {**{name: _unnamed(name) for name in named}, **members})
        twin = _blank(owner)
        object.__setattr__(twin, "__dict__", vars(module))
        object.__setattr__(twin, "__class__", self._classes[key])
        return twin

    def _class(self, owner: type, members: dict[str, Any]) -> type[nn.Module]:
        twin, twins = self.twin, self._twins
        read: Callable[[Any, str], Any] = owner.__getattr__  # pyright: ignore[reportAttributeAccessIssue]

        def __getattr__(self: Any, name: str) -> Any:
            value = read(self, name)
            if isinstance(value, nn.Module):
                known = twins.get(id(value))
                if known is not None and known[0] is value and not isinstance(value, _CONTAINERS):
                    return known[1]
                return twin(value)
            return value

        names = {"__module__": owner.__module__, "__qualname__": owner.__qualname__, "__doc__": owner.__doc__}
        made = type(owner)(owner.__name__, (owner,), {**names, **members, "__getattr__": __getattr__})
        return cast("type[nn.Module]", made)


def _by_id(root: nn.Module) -> dict[int, nn.Module]:
    """The modules of a tree, held so that no other one gets the id of one of them."""
    return {id(one): one for one in root.modules()}


def _unnamed(name: str) -> property:
    """An attribute that holds tensors with names, as plain ones."""

    def read(self: Any) -> Any:
        return plain(self.__dict__[name])

    def write(self: Any, value: Any) -> None:
        self.__dict__[name] = value

    return property(read, write)


def _blank(owner: type) -> nn.Module:
    """An object of a class of modules, without any attribute."""
    new = cast("Callable[[type], nn.Module]", owner.__new__)
    return new(owner)


def _function_of(member: Any) -> Any:
    return member.fget if isinstance(member, property) else getattr(member, "__func__", member)
