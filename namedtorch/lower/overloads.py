"""Functions and methods with overloads of torch's (`@torch.jit._overload`, `_overload_method`), whose types name dims.

torch keeps overloads in tables by the qualified name of the function and forgets those that it has compiled. Copies
therefore have a name of their own in these tables, and the user's entries are never used up.
"""

import inspect
from collections.abc import Sequence
from types import FunctionType
from typing import Any, cast

from torch import _jit_internal

from namedtorch.lower.ignored import with_graph_types
from namedtorch.lower.records import Records

_internal = cast("Any", _jit_internal)


def overloads_of(function: FunctionType) -> list[FunctionType]:
    """The declarations of an overloaded function that torch has not compiled yet."""
    return list(_internal._get_fn_overloads(_internal._qualified_name(function)) or ())


def method_overloads_of(function: FunctionType, owner: type) -> list[FunctionType]:
    """The declarations of an overloaded method of a class."""
    by_class = _internal._overloaded_methods.get(_internal._qualified_name(function)) or {}
    return list(by_class.get(owner.__name__) or ())


def declare(
    function: FunctionType, declarations: Sequence[FunctionType], records: Records
) -> list[FunctionType]:
    """Makes copies of declarations the overloads of a copy of the function; gives them with types of the graph."""
    name = _own_name(function)
    typed = [_typed(one, records) for one in declarations]
    _internal._overloaded_fns[name] = list(typed)
    return typed


def declare_methods(
    function: FunctionType, owner: type, declarations: Sequence[FunctionType], records: Records
) -> list[FunctionType]:
    """The same for a method of a class."""
    name = _own_name(function)
    typed = [_typed(one, records) for one in declarations]
    _internal._overloaded_methods[name] = {owner.__name__: list(typed)}
    return typed


def forget_overloads(function: FunctionType) -> None:
    """Removes what `declare` put into torch's tables."""
    name = getattr(function, "_jit_override_qualname", None)
    _internal._overloaded_fns.pop(name, None)
    _internal._overloaded_methods.pop(name, None)


def _own_name(function: FunctionType) -> str:
    plain = _internal._qualified_name(function)
    name, count = f"{plain}__dims", 1
    while name in _internal._overloaded_fns or name in _internal._overloaded_methods:
        count += 1
        name = f"{plain}__dims{count}"
    cast("Any", function)._jit_override_qualname = name
    return name


def _typed(function: FunctionType, records: Records) -> FunctionType:
    """A declaration with types of the graph, which torch reads from its annotations too."""
    typed = with_graph_types(function, records)
    typed.__dict__.pop("__wrapped__", None)
    assert inspect.isfunction(typed)
    return typed
