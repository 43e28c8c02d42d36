"""The operators of the table as functions and methods of torch: which operation a function is."""

import importlib
import operator
from collections.abc import Callable
from functools import cache
from typing import Any, Final, cast

import torch

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.op_rule import OpRule
from namedtorch.ops.table import METHOD, OPERATORS, operator_for
from namedtorch.values.operation import Operation

_PYTHON: Final = "operator."

_DUNDERS: Final = {"and_": "and", "or_": "or", "truediv": "truediv", "inv": "invert"}

_HOMES: Final = {METHOD: torch.Tensor, "torch.": torch, "torch.nn.functional.": torch.nn.functional}
"""What has operators in place, whose rows are those of the others."""

PROPERTIES: Final = ("T", "H", "mT", "mH", "real", "imag", "data")
"""Methods of tensors that are properties."""


@cache
def operations() -> dict[Any, Operation]:
    """Every function and method of torch that the table has, by the object that `__torch_function__` is given."""
    found: dict[Any, Operation] = {}
    for name in OPERATORS:
        function = function_of(name)
        if function is not None:
            found.setdefault(function, Operation(name, function, operator_for(name)))
    for home, owner in _HOMES.items():
        for name in dir(owner):
            if name.endswith("_") and not name.endswith("__"):
                row, function = operator_for(home + name), getattr(owner, name)
                if row is not Unknown:
                    found.setdefault(function, Operation(home + name, function, row))
    for name, row in _dunders().items():
        function = getattr(torch.Tensor, name, None)
        if function is not None:
            found.setdefault(function, Operation(METHOD + name, function, row))
    return found


def operation_of(function: Callable[..., Any]) -> Operation:
    """The operation that a function is; one without a row where the table has none."""
    found = operations().get(function)
    if found is None:
        name = _name(function)
        found = operations()[function] = Operation(name, function, operator_for(name))
    return found


@cache
def named_operation(name: str) -> Operation:
    """An operation by its name, which has the row and no function."""
    row = operator_for(name)
    if row is Unknown:
        row = _dunders().get(name.removeprefix(METHOD), Unknown)
    return Operation(name, _no_function, row)


def _no_function(*arguments: Any) -> Any:
    raise AssertionError(arguments)


def name_of(function: Callable[..., Any]) -> str:
    """The name of the operation that a function is; torch.compile takes it for a constant of the graph."""
    return operation_of(function).name


cast("Any", name_of)._dynamo_marked_constant = True


def _name(function: Any) -> str:
    """The name of a function as users spell it, for one that the table may have under another."""
    name = getattr(function, "__name__", repr(function))
    owner = getattr(function, "__self__", None)
    if name == "__get__" and owner is not None:
        return METHOD + owner.__name__
    home = getattr(function, "__module__", None)
    if getattr(torch.Tensor, name, None) is function:
        return METHOD + name
    return f"{home}.{name}" if home else f"torch.{name}"


def function_of(name: str) -> Any:
    """The function that a spelling names, or None where this torch does not have it, or its package is not there."""
    parts = name.split(".")
    if parts[0] == "operator":
        return getattr(operator, parts[1], None)
    if parts[0] != "torch":
        return None
    found: Any = torch
    for count, part in enumerate(parts[1:], 2):
        inner = getattr(found, part, None)
        if inner is None:
            try:
                inner = importlib.import_module(".".join(parts[:count]))
            except ImportError:
                return None
        found = inner
    return found if callable(found) else getattr(found, "__get__", None)


@cache
def _dunders() -> dict[str, OpRule | UnknownType]:
    """Python's operators as methods, by name: `__add__`, and `__iadd__` in place."""
    found: dict[str, OpRule | UnknownType] = {}
    for name in OPERATORS:
        if not name.startswith(_PYTHON):
            continue
        own = name.removeprefix(_PYTHON)
        own = _DUNDERS.get(own, own)
        found[f"__{own}__"] = operator_for(name)
        if hasattr(torch.Tensor, f"__i{own}__"):
            found[f"__i{own}__"] = operator_for(name)
    return found
