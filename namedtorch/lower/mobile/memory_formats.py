"""Inputs stored in the memory formats that a signature asks for."""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from namedtorch.dims.layout import MemoryFormat
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.changed_inputs import changed
from namedtorch.lower.given_example import Inputs
from namedtorch.signature.hints import TensorHint
from namedtorch.signature.signature import Signature


def in_formats(signature: Signature, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Inputs:
    """The arguments of a call, each tensor stored as the signature asks; those that fit already are not copied."""
    return changed(signature, args, kwargs, _stored)


def in_order(tensor: Tensor, memory_format: MemoryFormat) -> Tensor:
    """The tensor stored in this order, itself where it is; one of another rank is left for the guard to refuse."""
    order = memory_format.order
    if order is None:
        return tensor.contiguous()
    if len(order) != tensor.dim():
        return tensor
    stored = tensor.permute(order)
    if stored.is_contiguous():
        return tensor
    return stored.contiguous().permute([order.index(axis) for axis in range(len(order))])


def _stored(hint: TensorHint, tensor: Tensor) -> Tensor:
    wanted = hint.shape.memory_format
    return tensor if wanted is Unknown else in_order(tensor, wanted)
