"""The numbers of a batch: whether there are any, whether they are numbers, and of which dtype beside the weights."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from namedtorch.lower.given_example import Inputs, call_signature
from namedtorch.lower.quantize.batches import changed
from namedtorch.signature.array import array_dtype
from namedtorch.signature.signature import Signature


def has_numbers(inputs: Inputs) -> bool:
    """Whether one tensor of a call has a number: of a batch of no rows nothing is learned."""
    return any(one.numel() for one in _tensors(inputs))


def without_value(inputs: Inputs, signature: Signature) -> str:
    """Which arguments hold NaN, for the beginning of a sentence; "" where none does."""
    said = [
        f"`{name}` has NaN ({bad} of {total} numbers)"
        for name, value in _named(inputs, signature)
        if (bad := sum(int(one.isnan().sum()) for one in _floats(value)))
        for total in [sum(one.numel() for one in _floats(value))]
    ]
    return " and ".join(said)


def gives_nan(result: Any, every: bool = False) -> bool:
    """Whether what a model gave has NaN, or, with `every`, nothing but NaN."""
    found = [one.isnan() for one in _floats(result) if one.numel()]
    return bool(found) and (all(bool(one.all()) for one in found) if every else any(map(torch.any, found)))


def weights_without_value(model: nn.Module) -> str:
    """The first parameter or buffer that has NaN, by its path; "" where none has."""
    for path, value in (*model.named_parameters(), *model.named_buffers()):
        if any(bool(one.isnan().any()) for one in _floats(value)):
            return path
    return ""


def other_dtype(inputs: Inputs, signature: Signature, model: nn.Module) -> str:
    """Which arguments are floats of another dtype than the weights are, with what to do; "" where none is."""
    kinds = {one.dtype for one in model.parameters() if one.is_floating_point()}
    if len(kinds) != 1:
        return ""
    kind = kinds.pop()
    found = {
        name: array_dtype(one)
        for name, value in _named(inputs, signature)
        for one in _floats(value)
        if one.dtype != kind
    }
    if not found:
        return ""
    said = " and ".join(f"`{name}` is {dtype}" for name, dtype in found.items())
    name = str(kind).removeprefix("torch.")
    return f"{said}, and the weights are {name}: convert it, x.to(torch.{name})"


def _named(inputs: Inputs, signature: Signature) -> Iterator[tuple[str, Any]]:
    """The arguments of a call by the names of their parameters."""
    yield from call_signature(signature).bind(*inputs[0], **inputs[1]).arguments.items()


def _floats(value: Any) -> list[Tensor]:
    """The tensors of floats that can be looked at."""
    return [one for one in _tensors(value) if one.is_floating_point() and not one.is_meta]


def _tensors(value: Any) -> list[Tensor]:
    """The tensors in a value of any nesting."""
    found: list[Tensor] = []

    def keep(one: Any) -> Any:
        if isinstance(one, Tensor):
            found.append(one)
        return one

    changed(value, keep)
    return found
