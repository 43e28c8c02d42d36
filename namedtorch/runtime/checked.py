"""`@checked`: holds the calls of a function, of a class's methods, or of a module to their annotations."""

import functools
import inspect
import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any, TypeVar, cast, overload

from torch import nn

from namedtorch.diagnostics import AnnotationError
from namedtorch.runtime.adopt import adopt, with_signature
from namedtorch.runtime.members import Wrapping, check_class, check_member
from namedtorch.runtime.wrapper import wrap

T = TypeVar("T")


@overload
def checked(
    target: T, signature: str | Mapping[str, str] | None = None, *, enabled: bool = True, erase: bool = False
) -> T: ...
@overload
def checked(
    target: None = None,
    signature: str | Mapping[str, str] | None = None,
    *,
    enabled: bool = True,
    erase: bool = False,
) -> Callable[[T], T]: ...
def checked(
    target: Any = None,
    signature: str | Mapping[str, str] | None = None,
    *,
    enabled: bool = True,
    erase: bool = False,
) -> Any:
    """Holds every call to the dims and types in the annotations, and raises `DimError` for one that does not fit.

    As a decorator of functions, methods of all kinds, generators, `async def`, whole classes (every annotated method;
    of a dataclass or NamedTuple, the fields). With a signature as text, for code that can't be edited:
    `checked(model, "image: N C=3 H W -> N classes=1000")` returns a module that shares the model's parameters;
    `{"forward": ..., "encode": ...}` gives signatures to several methods.
    `enabled=False` returns the target as it is. `erase=True` runs bodies that speak of names in plain torch: arguments
    and results carry their names as before, and what is in between costs what plain torch costs. Raises
    `AnnotationError` for an annotation that is wrong.
    """
    wrapping = _erased if erase else wrap
    if target is None:
        return functools.partial(
            _apply, signature=signature, enabled=enabled, names=_caller_names(), wrapping=wrapping
        )
    return _apply(target, signature=signature, enabled=enabled, names=_caller_names(), wrapping=wrapping)


def _erased(function: Callable[..., Any], names: Mapping[str, Any]) -> Callable[..., Any]:
    # Erasure brings the static interpreter along, which nobody else should wait for.
    from namedtorch.runtime.erasing import erasing

    return wrap(erasing(function), names)


def _caller_names() -> Mapping[str, Any]:
    """The local names where the decorator stands, which annotations given as text may use."""
    frame: FrameType | None = sys._getframe(2)  # pyright: ignore[reportPrivateUsage]
    names: dict[str, Any] = {}
    while frame is not None and frame.f_locals is not frame.f_globals:
        names = {**frame.f_locals, **names}
        if "__qualname__" not in frame.f_locals:
            break
        frame = frame.f_back  # the body of a class sees the names of the function around it
    return names


def _apply(
    target: Any,
    *,
    signature: str | Mapping[str, str] | None,
    enabled: bool,
    names: Mapping[str, Any],
    wrapping: Wrapping,
) -> Any:
    if not enabled:
        return target
    if signature is not None and wrapping is not wrap:
        raise AnnotationError(
            "erase=True is for code whose annotations have dims: a signature as text names no tensors in its body"
        )
    if isinstance(target, nn.Module):
        if signature is None:
            raise AnnotationError(
                'a module is checked by its class; give an instance a signature: checked(model, "x: N C -> N D")'
            )
        return adopt(target, signature)
    if signature is not None:
        if not isinstance(signature, str):
            raise AnnotationError(f"signatures by the names of methods are for a module, not for {target!r}")
        if not inspect.isroutine(target):
            raise AnnotationError(f"a signature is for a function or a module, not for {target!r}")
        return wrap(cast("Callable[..., Any]", target), names, signature=with_signature(target, signature))
    if isinstance(target, type):
        return check_class(target, names, wrapping)
    return check_member(target, names, wrapping=wrapping)
