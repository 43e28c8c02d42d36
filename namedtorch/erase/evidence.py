"""Whether code may speak of names at all: most models do not, and need not be run abstractly."""

import inspect
import re
from collections.abc import Iterable, Iterator
from types import FunctionType, ModuleType
from typing import Any, Final

from namedtorch.erase.homes import FOREIGN, is_followed
from namedtorch.erase.live_modules import attributes_of
from namedtorch.erase.live_tensors import is_named_tensor, type_of
from namedtorch.signature.boundary_text import BOUNDARY_KIND

_SPEAKS: Final = re.compile(r"NamedTensor|\bnamed(_module|_function)?\b|\bnamedtorch\.[a-z_]+\(")
"""What code mentions that takes, makes or hands on tensors with names."""


def module_speaks(modules: Iterable[Any]) -> bool:
    """Whether the modules of a tree, or functions that their files see, may speak of names."""
    kinds: set[type] = set()
    for one in modules:
        kind = type_of(one)
        if hasattr(kind, BOUNDARY_KIND) or any(is_named_tensor(held) for _, held in attributes_of(one)):
            return True
        kinds.update(base for base in kind.__mro__ if is_followed(base))
    functions = [one for kind in kinds for member in vars(kind).values() for one in _function_in(member)]
    return function_speaks(*functions)


def _function_in(member: Any) -> Iterator[FunctionType]:
    function = getattr(member, "__func__", getattr(member, "fget", member))
    inner = inspect.unwrap(function) if isinstance(function, FunctionType) else None
    if isinstance(inner, FunctionType):
        yield inner


def function_speaks(*functions: FunctionType) -> bool:
    """Whether functions, or others that their files see, may speak of names."""
    seen: set[str] = set()
    waiting = list(functions)
    while waiting:
        one = waiting.pop()
        key = f"{one.__code__.co_filename}:{one.__module__}"
        if key in seen:
            continue
        seen.add(key)
        if _SPEAKS.search(_text(one)):
            return True
        waiting += _seen_by(one)
    return False


def _text(function: FunctionType) -> str:
    """The file of a function; nothing where its source is not at hand."""
    try:
        return "".join(inspect.findsource(function)[0])
    except (OSError, TypeError):
        return ""


def _seen_by(function: FunctionType) -> Iterator[FunctionType]:
    """A function of each of the user's files that a function's names lead to."""
    closure = [cell.cell_contents for cell in function.__closure__ or () if not _is_empty(cell)]
    for value in [*function.__globals__.values(), *closure]:
        match value:
            case FunctionType():
                inner = inspect.unwrap(value)
                if isinstance(inner, FunctionType) and _is_users(inner.__module__):
                    yield inner
            case type() if is_followed(value):
                yield from _first_function(vars(value).values())
            case ModuleType() if _is_users(value.__name__):
                yield from _first_function(vars(value).values())
            case _:
                pass


def _first_function(values: Iterable[Any]) -> Iterator[FunctionType]:
    for value in list(values):
        if isinstance(value, FunctionType) and _is_users(value.__module__):
            yield value
            return


def _is_users(name: str | None) -> bool:
    return (name or "").partition(".")[0] not in FOREIGN


def _is_empty(cell: Any) -> bool:
    try:
        return cell.cell_contents is None
    except ValueError:
        return True
