"""Functions of the user's own, `torch.autograd.Function`, on named tensors.

Their `apply` does not ask `__torch_function__`: it takes what is no tensor for a constant, so that the gradient of a
named tensor would be lost without a word. Hence `Function.apply` itself is taught to take named tensors, or to refuse
them.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, cast
from weakref import WeakKeyDictionary

from torch.autograd import Function

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.table import operator_for
from namedtorch.values.dispatch import call
from namedtorch.values.named_tensor import NamedTensor
from namedtorch.values.operation import Operation
from namedtorch.values.refusal import NO_RULE, dims_error

_PLAIN: Final[Callable[..., Any]] = cast("Any", Function.apply).__func__

_OPERATIONS: Final[WeakKeyDictionary[type[Function], Operation]] = WeakKeyDictionary()


def _apply(cls: type[Function], *args: Any, **kwargs: Any) -> Any:
    for one in args:
        if type(one) is NamedTensor:
            return _named(cls, args, kwargs)
    for one in kwargs.values():
        if type(one) is NamedTensor:
            return _named(cls, args, kwargs)
    return _PLAIN(cls, *args, **kwargs)


def _named(cls: type[Function], arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Applies a function to plain tensors, and names the result by its row. Raises `DimError` where it has none."""
    name = f"{cls.__module__}.{cls.__qualname__}.apply"
    row = operator_for(name)
    if row is Unknown:
        raise dims_error(
            NO_RULE,
            f"`{cls.__qualname__}.apply`: nothing tells what dims it gives",
            f'say it by a signature, `named_function({cls.__qualname__}.apply, "... -> ...")`, '
            f"or take the plain tensors (`x.tensor`) and name the result by `named`",
        )
    operation = _OPERATIONS.get(cls)
    if operation is None or operation.row is not row:
        operation = _OPERATIONS[cls] = Operation(name, partial(_PLAIN, cls), row)
    return call(operation, arguments, keywords)


def register() -> None:
    """Makes `Function.apply` take named tensors; once in a process."""
    _apply.__name__ = "apply"
    _apply.__doc__ = _PLAIN.__doc__
    cast("Any", Function).apply = classmethod(_apply)
