"""Joining by name: `cat` along a dim, `stack` along a new one, `where` of two tensors."""

from collections.abc import Callable, Iterable
from typing import Any, cast

import torch
from torch import Tensor
from torch.compiler import is_dynamo_compiling

from namedtorch.ops.names import is_name
from namedtorch.values.capture import captured
from namedtorch.values.dispatch import call
from namedtorch.values.named_tensor import NamedTensor
from namedtorch.values.refusal import dims_error
from namedtorch.values.spellings import name_of, operation_of


def cat(
    tensors: Iterable[NamedTensor | Tensor], dim: str | int = 0, *, out: NamedTensor | Tensor | None = None
) -> NamedTensor:
    """Joins tensors along a dim that they have: `cat([x, y], "N")`.

    All of them have their dims in one order; an axis without a name takes that of the others. Raises `DimError` where
    dims or sizes differ, other than the size of `dim`.
    """
    return _run(torch.cat, (list(tensors), dim), {} if out is None else {"out": out})


def stack(tensors: Iterable[NamedTensor | Tensor], dim: str | int = 0, *, place: int = 0) -> NamedTensor:
    """Joins tensors along a new dim: `stack([x, y], "S")`.

    The dim is in front of the others unless `place` says where it is to be, counted in the result. `dim` as a number
    is its place without a name, as torch has it. Raises `DimError` where dims or sizes differ, and for a name that they
    have already.
    """
    listed = list(tensors)
    if not isinstance(dim, str):
        return _run(torch.stack, (listed, dim), {})
    if not is_name(dim):
        raise dims_error("name-invalid", f"`stack`: {dim!r} is no name", "a name is a word: `S`, `samples`")
    found = _run(torch.stack, (listed, place), {})
    if dim in found.dims:
        raise dims_error(
            "names-repeated",
            f"`stack`: the tensors have `{dim}` already",
            "`cat` joins along a dim that they have",
        )
    at = place % len(found.dims)
    return NamedTensor(found.tensor, (*found.dims[:at], str.__str__(dim), *found.dims[at + 1 :]))


def where(condition: NamedTensor | Tensor, input: Any, other: Any) -> NamedTensor:
    """The elements of `input` where the condition is true, else those of `other`, which may be numbers.

    All three broadcast from the right, as everywhere. Raises `DimError` where two dims that meet have different names.
    """
    return _run(torch.where, (condition, input, other), {})


def _run(function: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]) -> NamedTensor:
    if is_dynamo_compiling():
        return cast("NamedTensor", captured(name_of(function), function, arguments, keywords))
    return cast("NamedTensor", call(operation_of(function), arguments, keywords))
