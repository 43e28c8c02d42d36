"""What `@checked` finds to check: functions under the things that Python wraps them in, and the members of a class."""

import contextlib
import dataclasses
import functools
import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any, cast

from namedtorch.diagnostics import AnnotationError
from namedtorch.runtime.wrapper import wrap
from namedtorch.signature.annotation import ArrayAnnotation


def _nothing() -> Any:
    yield


# contextlib gives every context manager the code of one inner function: by it they are known.
_CONTEXT_MANAGERS: dict[Any, Callable[..., Any]] = {
    cast("Any", make(cast("Any", _nothing))).__code__: make
    for make in (contextlib.contextmanager, contextlib.asynccontextmanager)
}

# What NamedTuple and Python itself put into a class.
_NOT_THE_USERS = {"__class__", "__annotate__", "__getnewargs__", "_make", "_replace", "_asdict", "__repr__"}


Wrapping = Callable[[Callable[..., Any], Mapping[str, Any]], Callable[..., Any]]
"""Makes the checked function of a function; the names are local ones that its annotations may use."""


def check_class(target: type, names: Mapping[str, Any], wrapping: Wrapping = wrap) -> type:
    """Checks every annotated method that the class itself defines; the class stays the same object."""
    if _lacks_constructor(target):
        raise AnnotationError(
            f"`{target.__name__}` has fields with dims and no __init__: write @checked above @dataclass, not below it"
        )
    is_named_tuple = issubclass(target, tuple) and hasattr(target, "_fields")
    module = vars(sys.modules.get(target.__module__, object())) if is_named_tuple else {}
    space = {**module, **names, target.__name__: target}
    for name, member in list(vars(target).items()):
        if name in _NOT_THE_USERS:
            continue
        found = check_member(member, space, True, wrapping)
        if found is not member:
            setattr(target, name, staticmethod(found) if name == "__new__" else found)
            if isinstance(found, functools.cached_property):
                found.__set_name__(target, name)
    return target


def check_member(
    member: Any, names: Mapping[str, Any], annotated_only: bool = False, wrapping: Wrapping = wrap
) -> Any:
    """The checked form of a function, or of what holds one; with `annotated_only`, others stay as they are.

    Raises `AnnotationError` for what is no function and holds none.
    """
    if isinstance(member, staticmethod | classmethod):
        inner = cast("Any", member).__func__
        found = check_member(inner, names, annotated_only, wrapping)
        return member if found is inner else type(cast("Any", member))(found)
    if isinstance(member, property):
        parts = [
            None if part is None else check_member(part, names, True, wrapping)
            for part in (member.fget, member.fset)
        ]
        return property(parts[0], parts[1], member.fdel, member.__doc__)
    if isinstance(member, functools.cached_property):
        inner = cast("Any", member).func
        found = check_member(inner, names, True, wrapping)
        return cast("Any", member) if found is inner else functools.cached_property(found)
    if inspect.isfunction(member):
        if hasattr(member, "__namedtorch__") or (annotated_only and not _is_annotated(member)):
            return member
        manager = _CONTEXT_MANAGERS.get(member.__code__)
        if manager is not None and hasattr(member, "__wrapped__"):
            return manager(wrapping(cast("Any", member).__wrapped__, names))
        return wrapping(member, names)
    parameters = getattr(member, "cache_parameters", None)
    if callable(parameters) and inspect.isfunction(getattr(member, "__wrapped__", None)):
        # functools.lru_cache: what is checked is what fills the cache.
        found = check_member(member.__wrapped__, names, annotated_only, wrapping)
        return (
            member if found is member.__wrapped__ else functools.lru_cache(**cast("Any", parameters()))(found)
        )
    if annotated_only:
        return member
    raise AnnotationError(f"@checked takes functions, methods and classes, not {member!r}")


def _is_annotated(function: Callable[..., Any]) -> bool:
    try:
        return bool(function.__annotations__)
    except NameError:  # a deferred annotation (PEP 649) that mentions a later name
        return True


def _lacks_constructor(target: type) -> bool:
    """Tells whether a class looks like a dataclass to be: fields with dims, and nobody to check them."""
    fields = vars(target).get("__annotations__", {})
    if not any(
        isinstance(one, ArrayAnnotation) or (isinstance(one, str) and '"' in one) for one in fields.values()
    ):
        return False
    plain = target.__init__ is object.__init__ and not dataclasses.is_dataclass(target)
    own = any(inspect.isfunction(member) and _is_annotated(member) for member in vars(target).values())
    is_tuple = issubclass(target, tuple)
    return plain and not own and not is_tuple and not getattr(target, "_is_protocol", False)
