"""Gradients: they have the sizes of what they are taken by."""

from collections.abc import Sequence
from typing import Final

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.call import Call, as_array
from namedtorch.ops.dtypes import floated
from namedtorch.ops.elementwise import method
from namedtorch.ops.judge import Misfit
from namedtorch.ops.op_rule import OpRule
from namedtorch.ops.shared_dims import one_name
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Array, Value


def _check_start(call: Call, output: Array, given: Value, name: str, gradient: str) -> None:
    """Refuses to start from more than one element without a gradient of that shape. Raises `Misfit`."""
    shape = output.shape
    if given is None:
        count = shape.elements
        if count is not Unknown and not call.judge.needs(count, Size.constant(1)):
            raise Misfit(
                "size-unfit",
                f"without `{gradient}`, it starts from one element, and `{name}` has {count}",
                name,
                help="reduce it first: with `.mean()` or `.sum()`",
            )
    elif isinstance(given, Array) and shape.rank is not Unknown and given.shape.rank is not Unknown:
        both = (given.shape.rank, shape.rank)
        if both[0] != both[1]:
            raise Misfit(
                "rank-unfit", f"`{gradient}` has {both[0]} axes, and `{name}` has {both[1]}", gradient
            )
        for place, (one, axis) in enumerate(zip(given.shape.fixed, shape.fixed, strict=True)):
            one_name(one, axis, "broadcast-dims-differ", gradient, place, other=name, other_axis=place)


def _backward(call: Call) -> None:
    """Starts from one element, or with a gradient for each; gives nothing."""
    _check_start(call, call.array("input"), call.value("gradient"), "input", "gradient")


def _gradients(call: Call) -> tuple[Value, ...]:
    """Gives one gradient for each input, of its shape; the axis of a batch of gradients stands in front."""
    outputs, given = call.value("outputs"), call.value("grad_outputs")
    batch: list[Axis] = []
    if call.flag("is_grads_batched"):
        batch, given = _batched(given)
    if isinstance(outputs, Array) and not isinstance(given, tuple | list):
        _check_start(call, outputs, given, "outputs", "grad_outputs")
    elif isinstance(outputs, tuple | list) and isinstance(given, tuple | list):
        for place, (output, one) in enumerate(zip(outputs, given, strict=False)):
            if isinstance(output, Array):
                _check_start(call, output, one, f"outputs[{place}]", f"grad_outputs[{place}]")
    inputs = call.value("inputs")
    if call.value("allow_unused") not in (None, False) or inputs is Unknown:
        raise Undetermined
    taken: Sequence[Value] = inputs if isinstance(inputs, tuple | list) else (inputs,)
    arrays = [as_array(one) for one in taken]
    return tuple(Array(TensorShape((*batch, *one.shape.axes)), one.dtype) for one in arrays)


def _batched(given: Value) -> tuple[list[Axis], Value]:
    """The axis of a batch of gradients, and one gradient of it for each output. Raises `Undetermined`."""
    listed = given if isinstance(given, tuple | list) else (given,)
    arrays = [as_array(one) for one in listed]
    if not arrays or not arrays[0].shape.axes:
        raise Undetermined
    rest: list[Value] = [
        Array(TensorShape(one.shape.axes[1:]), one.dtype) for one in arrays if one.shape.rank is not Unknown
    ]
    if len(rest) < len(arrays):
        raise Undetermined
    return [arrays[0].shape.at(0)], rest if isinstance(given, tuple | list) else rest[0]


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
