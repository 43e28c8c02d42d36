"""Decorators of functions: those that are followed, as the user's own are, and those that are put on again."""

import functools
from types import CellType, FunctionType
from typing import Any, cast

from namedtorch.erase.homes import FOREIGN

_CHECKED = "__namedtorch__"


def written(function: FunctionType) -> FunctionType:
    """The user's function under decorators of packages; one that a decorator of the user's made is the user's."""
    while not _is_users(function):
        inner = _wrapped(function)
        if inner is None:
            break
        function = inner
    return function


def decorated(function: FunctionType, made: FunctionType) -> FunctionType:
    """What took the place of `written(function)`, under the same decorators but for those of this library."""
    inner = _wrapped(function)
    if _is_users(function) or inner is None:
        return made
    below = decorated(inner, made)
    if _is_of_this_library(function):
        return below
    cells = function.__closure__ or ()
    closure = tuple(CellType(below) if _holds(cell, inner) else cell for cell in cells)
    if all(one is other for one, other in zip(closure, cells, strict=True)):
        return below
    code, names = function.__code__, function.__globals__
    again = FunctionType(code, names, function.__name__, function.__defaults__, closure)
    again.__kwdefaults__ = function.__kwdefaults__
    return cast("FunctionType", functools.update_wrapper(again, below))


def is_checked(function: FunctionType) -> bool:
    """Whether a guard of this library stands around what the user wrote."""
    while not _is_users(function):
        inner = _wrapped(function)
        if inner is None:
            return False
        if _is_of_this_library(function):
            return True
        function = inner
    return False


def _wrapped(function: FunctionType) -> FunctionType | None:
    inner = vars(function).get("__wrapped__")
    return inner if isinstance(inner, FunctionType) else None


def _is_users(function: FunctionType) -> bool:
    home = str(function.__globals__.get("__name__", ""))
    return not _is_of_this_library(function) and home.partition(".")[0] not in FOREIGN


def _is_of_this_library(function: FunctionType) -> bool:
    record: Any = vars(function).get(_CHECKED)
    inner = _wrapped(function)
    # The marks of a function are copied to what is wrapped around it.
    checked = record is not None and inner is not None and record.function is inner
    home = str(function.__globals__.get("__name__", ""))
    return checked or home.partition(".")[0] == "namedtorch"


def _holds(cell: CellType, function: FunctionType) -> bool:
    try:
        return cell.cell_contents is function
    except ValueError:
        return False
