"""Gradients: they have the sizes of what they are taken by."""

from collections.abc import Sequence
from typing import Final

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.call import Call, as_array
from namedtorch.ops.dtypes import floated
from namedtorch.ops.elementwise import method
from namedtorch.ops.judge import Misfit
from namedtorch.ops.op_rule import OpRule
from namedtorch.ops.tensor_shape import Undetermined
from namedtorch.ops.values import Array, Value


def _check_start(call: Call, name: str, gradient: str) -> None:
    """Refuses to start from more than one element without a gradient of that shape. Raises `Misfit`."""
    given = call.value(gradient)
    shape = call.shape(name)
    if given is None:
        count = shape.elements
        if count is not Unknown and not call.judge.needs(count, Size.constant(1)):
            raise Misfit(
                "size-unfit",
                f"without `{gradient}`, it starts from one element, and `{name}` has {count}",
                name,
                help="reduce it first: with `.mean()` or `.sum()`",
            )
    elif isinstance(given, Array):
        both = (given.shape.rank, shape.rank)
        if Unknown not in both and both[0] != both[1]:
            raise Misfit(
                "rank-unfit", f"`{gradient}` has {both[0]} axes, and `{name}` has {both[1]}", gradient
            )


def _backward(call: Call) -> None:
    """Starts from one element, or with a gradient for each; gives nothing."""
    _check_start(call, "input", "gradient")


def _gradients(call: Call) -> tuple[Value, ...]:
    """Gives one gradient for each input, of its shape."""
    if isinstance(call.value("outputs"), Array) and not isinstance(call.value("grad_outputs"), tuple | list):
        _check_start(call, "outputs", "grad_outputs")
    inputs = call.value("inputs")
    if call.value("allow_unused") is not None or inputs is Unknown:
        raise Undetermined
    taken: Sequence[Value] = inputs if isinstance(inputs, tuple | list) else (inputs,)
    return tuple(as_array(one) for one in taken)


def _slopes(call: Call) -> list[Value]:
    """Estimates one derivative along each dim, of the shape of `input`."""
    array = call.array("input")
    array = Array(array.shape, floated(array.dtype))
    return [array] * len(call.places("dim"))


OPERATORS: Final = (
    OpRule(
        method("backward"),
        "input, gradient=None, retain_graph=None, create_graph=False, inputs=None",
        _backward,
    ),
    OpRule(
        "torch.autograd.grad",
        "outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, only_inputs=True, "
        "allow_unused=None, is_grads_batched=False, materialize_grads=False",
        _gradients,
    ),
    OpRule("torch.gradient", "input, spacing=1, dim=None, edge_order=1", _slopes, dims=("dim",)),
)
