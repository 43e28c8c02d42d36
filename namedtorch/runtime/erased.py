"""`erase`: functions and modules that run in plain torch what they say by names."""

import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar, cast

from torch import nn

from namedtorch.erase.decorators import decorated, written
from namedtorch.erase.erasure import Erased, erased_function, erased_module
from namedtorch.erase.listing import listing
from namedtorch.runtime.erasing import erasing
from namedtorch.runtime.twins import derived
from namedtorch.runtime.wrapper import wrap

T = TypeVar("T", bound=Callable[..., Any])


def erase(target: T) -> T:
    """A function or module that gives what `target` gives, and runs in plain torch what `target` says by names.

    Arguments and results carry their names as before and are held to the annotations; in between there are positions.
    Each order of dims that it is called with is written once, at the first such call. A module shares everything with
    the one that was given: parameters, buffers, attributes, mode. Raises `EraseError`, at such a call, where names
    can't be told, with the expression and the annotation that would settle it; TypeError for what is neither.
    """
    given: Any = target
    if isinstance(given, nn.Module):
        return cast("T", _module(given))
    if not inspect.isfunction(given):
        raise TypeError(f"`erase` takes a function or a module, and this is {type(given).__qualname__}")
    return cast("T", wrap(erasing(_unchecked(given)), {}))


def _module(module: nn.Module) -> nn.Module:
    owner = type(module)
    forward = _unchecked(cast("FunctionType", owner.forward))

    def __reduce_ex__(self: nn.Module, protocol: int) -> Any:
        # Its class is made here, and is found nowhere: it is saved and copied as what it was made of.
        del protocol
        return erase, (_sharing(self, owner),)

    return _sharing(
        module, derived(owner, {"forward": wrap(erasing(forward), {}), "__reduce_ex__": __reduce_ex__})
    )


def _sharing(module: nn.Module, kind: type) -> nn.Module:
    """An object of a class that has all that a module has."""
    shared: nn.Module = cast("Any", object).__new__(kind)
    object.__setattr__(shared, "__dict__", module.__dict__)
    return shared


def _unchecked(function: FunctionType) -> FunctionType:
    """A function without the guards around it: what it is held to is checked once, outside."""
    return decorated(function, written(function))


def erased_source(target: Callable[..., Any]) -> str:
    """What a function or module says by names, in plain torch: every function that differs, under its file and line.

    Arguments have the dims that the annotations name. Raises `EraseError` where names can't be told.
    """
    given: Any = target
    if isinstance(given, nn.Module):
        return _text(erased_module(given, {"forward": {}}))
    return _text(erased_function(written(cast("FunctionType", given))))


def _text(erased: Erased) -> str:
    found: dict[int, FunctionType] = {id(one): one for one in erased.changed}
    return "\n".join(listing(one) for one in found.values())
