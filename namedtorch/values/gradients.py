"""Gradients of named tensors: they have the dims of what they are gradients of, and are checked by them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

import torch
from torch import Tensor
from torch.utils.hooks import RemovableHandle

from namedtorch.ops.table import METHOD, operator_for
from namedtorch.ops.values import Value
from namedtorch.values.named_tensor import Dims, NamedTensor, dims_text
from namedtorch.values.operation import Operation, Other, Plan
from namedtorch.values.refusal import dims_error
from namedtorch.values.spellings import operation_of, operations
from namedtorch.values.templates import made, method

_BACKWARD: Final[Callable[..., Any]] = cast("Any", Tensor).backward

Hook = Callable[[NamedTensor], "NamedTensor | Tensor | None"]


def register_hook(self: NamedTensor, hook: Hook) -> RemovableHandle:
    """`torch.Tensor.register_hook`: the hook gets the gradient under the dims of this tensor, and may return another.

    A named one has to have the same dims. Raises `DimError` during the backward pass where it has not.
    """
    dims = self.dims

    def run(gradient: Tensor) -> Tensor | None:
        found = hook(NamedTensor(gradient, dims))
        if not isinstance(found, NamedTensor):
            return found
        return as_gradient(found, dims, "the gradient that the hook returned")

    return cast("Any", self.tensor).register_hook(run)


def register_post_accumulate_grad_hook(
    self: NamedTensor, hook: Callable[[NamedTensor], None]
) -> RemovableHandle:
    """`torch.Tensor.register_post_accumulate_grad_hook`: the hook gets this tensor, with its `grad`."""
    dims = self.dims

    def run(tensor: Tensor) -> None:
        hook(NamedTensor(tensor, dims))

    return cast("Any", self.tensor).register_post_accumulate_grad_hook(run)


def as_gradient(gradient: NamedTensor, dims: Dims, said: str) -> Tensor:
    """The plain gradient of a tensor of these dims. Raises `DimError` for other dims."""
    fits = len(gradient.dims) == len(dims) and all(
        one is None or other is None or one == other for one, other in zip(gradient.dims, dims, strict=True)
    )
    if not fits:
        raise dims_error(
            "broadcast-dims-differ",
            f"{said} has the dims `{dims_text(gradient.dims)}`, and the tensor has `{dims_text(dims)}`",
            "a gradient has the dims of what it is the gradient of: `align_as` or `rename` it",
        )
    return gradient.tensor


METHODS: Final[dict[str, Callable[..., Any]]] = {
    "backward": made(method, operation_of(_BACKWARD), "backward"),
    "register_hook": register_hook,
    "register_post_accumulate_grad_hook": register_post_accumulate_grad_hook,
}
"""Methods of NamedTensor by name."""


class _Gradients(Operation):
    """`torch.autograd.grad`: that a gradient may be missing changes nothing of the dims of those that are there."""

    __slots__ = ()

    def planned_for(self, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Plan:
        keywords = {**keywords, "allow_unused": None}
        outputs, given = arguments[0], keywords.get("grad_outputs")
        if isinstance(outputs, tuple) and len(outputs) == 1 and not isinstance(given, tuple | list):
            arguments = (outputs[0], *arguments[1:])
        return super().planned_for(arguments, keywords)


class _Backward(Operation):
    """`torch.autograd.backward`: the method `backward` of each tensor."""

    __slots__ = ()

    def planned_for(self, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Plan:
        tensors, given = arguments[0], keywords.get("grad_tensors")
        listed = list(tensors) if isinstance(tensors, tuple | list) else [tensors]
        gradients = list(given) if isinstance(given, tuple | list) else [given] * len(listed)
        for pair in zip(listed, gradients, strict=False):
            operation_of(_BACKWARD).planned_for(pair, {})
        return Plan(None, Other(), ())


def _assign(self: NamedTensor, value: NamedTensor | Tensor | None) -> None:
    given = isinstance(value, NamedTensor)
    self.tensor.grad = as_gradient(value, self.dims, "the gradient that is assigned") if given else value


def register() -> None:
    """Makes the functions of `torch.autograd`, and assignments to `grad`, check by name; once in a process."""
    named = cast("Any", NamedTensor)
    named.grad = named.grad.setter(_assign)
    grad, backward = torch.autograd.grad, torch.autograd.backward
    operations()[grad] = _Gradients("torch.autograd.grad", grad, operator_for("torch.autograd.grad"))
    operations()[backward] = _Backward("torch.autograd.backward", backward, operator_for(f"{METHOD}backward"))
