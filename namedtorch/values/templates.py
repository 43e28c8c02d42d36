"""What methods of `NamedTensor` do: each is one of these functions with an operation of its own in its globals.

Globals, not cells: torch.compile looks at every cell of a function that it captures, and at the globals only that it
reads; in a graph those are the name and the plain function.
"""

import operator
from collections.abc import Callable
from types import FunctionType
from typing import Any, Final

from torch.compiler import is_dynamo_compiling

from namedtorch.dims.unknown import Unknown
from namedtorch.values.capture import captured
from namedtorch.values.dispatch import REFUSALS, call, failed
from namedtorch.values.named_tensor import NamedTensor
from namedtorch.values.operation import Dims, Operation, Plan

own = ""
"""The name of the operation."""

operation = Operation(own, operator.pos, Unknown)
"""The operation that the method is."""

function: Callable[..., Any] = operation.function
"""The plain function that runs."""

quick: dict[tuple[Any, ...], tuple[Dims, tuple[Any, ...] | None]] = operation.quick
"""Calls of one named tensor."""

plans: dict[tuple[Any, ...], Plan] = operation.plans
"""All calls."""

_NUMBERS: Final = {int, float}
_NONE: Final[dict[str, Any]] = {}


def method(self: NamedTensor, *arguments: Any, **keywords: Any) -> Any:
    """A method with any arguments."""
    if is_dynamo_compiling():
        return captured(own, function, (self, *arguments), keywords)
    if not keywords:
        try:
            known = quick.get((self.dims, *arguments))
        except TypeError:  # a list
            known = None
        if known is not None:
            dims, given = known
            tensor = self.tensor
            try:
                result = function(tensor, *(arguments if given is None else given))
            except REFUSALS as error:
                return failed(operation, error, (self, *arguments), keywords)
            # What is contiguous, or of the dtype, already is itself.
            return self if result is tensor and dims == self.dims else NamedTensor(result, dims)
    return call(operation, (self, *arguments), keywords)


def binary(self: NamedTensor, other: Any) -> Any:
    """A binary operator of Python's."""
    if is_dynamo_compiling():
        return captured(own, function, (self, other), _NONE)
    kind = type(other)
    if kind is NamedTensor:
        plan, bare = plans.get((self.dims, other.dims)), other.tensor
    elif kind in _NUMBERS:
        plan, bare = plans.get((self.dims, kind)), other
    else:
        return call(operation, (self, other), _NONE)
    if plan is None or plan.dims is None:
        return call(operation, (self, other), _NONE)
    try:
        return NamedTensor(function(self.tensor, bare), plan.dims)
    except REFUSALS as error:
        return failed(operation, error, (self, other), _NONE)


def reflected(self: NamedTensor, other: Any) -> Any:
    """A binary operator whose left side is no named tensor."""
    if is_dynamo_compiling():
        return captured(own, function, (other, self), _NONE)
    return call(operation, (other, self), _NONE)


def getter(self: NamedTensor) -> Any:
    """A property that is an operator."""
    if is_dynamo_compiling():
        return captured(own, function, (self,), _NONE)
    return call(operation, (self,), _NONE)


def made(template: Callable[..., Any], of: Operation, name: str) -> Any:
    """The function that a template is for an operation, as a method under a name."""
    assert isinstance(template, FunctionType)
    space = {
        **globals(), "own": of.name, "operation": of, "function": of.function, "quick": of.quick, "plans": of.plans,
    }  # fmt: skip
    # Of globals with the name of a module, torch.compile takes those of the module itself.
    del space["__name__"]
    function = FunctionType(template.__code__, space, name)
    function.__qualname__ = f"{NamedTensor.__name__}.{name}"
    function.__doc__ = f"`torch.Tensor.{name}`, which takes names of dims and gives its result under names."
    function.__module__ = NamedTensor.__module__
    return function
