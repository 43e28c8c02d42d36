"""`@checked`: holds the calls of a function, of a class's methods, or of a module to their annotations."""

import dataclasses
import functools
import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast, overload

from torch import nn

from namedtorch.diagnostics import AnnotationError
from namedtorch.runtime.adopt import adopt, with_signature
from namedtorch.runtime.wrapper import wrap

T = TypeVar("T")


@overload
def checked(target: T, signature: str | None = None, *, enabled: bool = True) -> T: ...
@overload
def checked(
    target: None = None, signature: str | None = None, *, enabled: bool = True
) -> Callable[[T], T]: ...
def checked(target: Any = None, signature: str | None = None, *, enabled: bool = True) -> Any:
    """Holds every call to the dims and types in the annotations, and raises `DimError` for one that does not fit.

    As a decorator of functions, methods of all kinds, generators, `async def`, whole classes (every annotated method;
    of a dataclass or NamedTuple, the fields). With a signature as text, for code that can't be edited:
    `checked(model, "image: N C=3 H W -> N classes=1000")` returns a module that shares the model's parameters.
    `enabled=False` returns the target as it is. Raises `AnnotationError` for an annotation that is wrong.
    """
    if target is None:
        return functools.partial(_apply, signature=signature, enabled=enabled, names=_caller_names())
    return _apply(target, signature=signature, enabled=enabled, names=_caller_names())


def _caller_names() -> Mapping[str, Any]:
    """The local names where the decorator stands, which annotations given as text may use."""
    frame = sys._getframe(2)  # pyright: ignore[reportPrivateUsage]
    return {} if frame.f_locals is frame.f_globals else dict(frame.f_locals)


def _apply(target: Any, *, signature: str | None, enabled: bool, names: Mapping[str, Any]) -> Any:
    if not enabled:
        return target
    if isinstance(target, nn.Module):
        if signature is None:
            raise AnnotationError(
                'a module is checked by its class; give an instance a signature: checked(model, "x: N C -> N D")'
            )
        return adopt(target, signature)
    if signature is not None:
        if not inspect.isroutine(target):
            raise AnnotationError(f"a signature is for a function or a module, not for {target!r}")
        return wrap(cast("Callable[..., Any]", target), names, signature=with_signature(target, signature))
    if isinstance(target, type):
        return _check_class(target, names)
    return _check_member(target, names)


def _check_class(target: type, names: Mapping[str, Any]) -> type:
    """Checks every annotated method that the class itself defines; the class stays the same object."""
    if _lacks_constructor(target):
        raise AnnotationError(
            f"`{target.__name__}` has annotated fields and no __init__: write @checked above @dataclass, not below it"
        )
    space = (
        {**vars(sys.modules.get(target.__module__, object())), **names} if _is_named_tuple(target) else names
    )
    space = {**space, target.__name__: target}
    for name, member in list(vars(target).items()):
        if name in (
            "__class__",
            "__annotate__",
            "__getnewargs__",
            "_make",
            "_replace",
            "_asdict",
            "__repr__",
        ):
            continue
        found = _check_member(member, space, annotated_only=True)
        if found is not member:
            setattr(target, name, staticmethod(found) if name == "__new__" else found)
    return target


def _check_member(member: Any, names: Mapping[str, Any], annotated_only: bool = False) -> Any:
    if isinstance(member, staticmethod | classmethod):
        inner = cast("Any", member).__func__
        found = _check_member(inner, names, annotated_only)
        return member if found is inner else type(cast("Any", member))(found)
    if isinstance(member, property):
        parts = [
            None if part is None else _check_member(part, names, True) for part in (member.fget, member.fset)
        ]
        return property(parts[0], parts[1], member.fdel, member.__doc__)
    if inspect.isfunction(member):
        if hasattr(member, "__namedtorch__") or (annotated_only and not _is_annotated(member)):
            return member
        return wrap(member, names)
    if annotated_only:
        return member
    raise AnnotationError(f"@checked takes functions, methods and classes, not {member!r}")


def _is_annotated(function: Callable[..., Any]) -> bool:
    try:
        return bool(function.__annotations__)
    except NameError:  # a deferred annotation (PEP 649) that mentions a later name
        return True


def _is_named_tuple(target: type) -> bool:
    return issubclass(target, tuple) and hasattr(target, "_fields")


def _lacks_constructor(target: type) -> bool:
    """Tells whether a class looks like a dataclass to be: fields with annotations, and nobody to check them."""
    fields = vars(target).get("__annotations__", {})
    plain = target.__init__ is object.__init__ and not dataclasses.is_dataclass(target)
    protocol = getattr(target, "_is_protocol", False)
    return bool(fields) and plain and not protocol and not _is_named_tuple(target)
