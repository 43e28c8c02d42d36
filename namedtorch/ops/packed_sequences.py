"""Sequences of several lengths, packed step by step: time and batch stand in one axis, `(T N)`."""

from typing import Final

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import ANY, Axis, carried_by, names_in
from namedtorch.ops.broadcasting import CODE
from namedtorch.ops.call import Call
from namedtorch.ops.joining import padded
from namedtorch.ops.op_rule import OpRule, Result
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array


def packed(call: Call) -> Result:
    """The elements of all sequences, and how many sequences there are at each step. Raises `Misfit`."""
    shape = call.shape("input")
    first = call.flag("batch_first")
    call.rank_in("lengths", 1)
    places = (1, 0) if first else (0, 1)
    time, batch = (shape.at(place) for place in places)
    lengths = call.shape("lengths").at(0)
    batch = call.same(
        lengths, batch, CODE, "it takes one length for each element of the batch", "lengths", 0,
        other="input", other_axis=places[1],
    )  # fmt: skip
    name = carried_by([time, batch])
    data = TensorShape((Axis(carried=name), *shape.axes[2:]))
    steps = TensorShape((time.resized(Unknown),))
    return Array(data, call.array("input").dtype), Array(steps, "int64")


def unpacked(call: Call) -> Result:
    """The sequences padded to the longest, or to `total_length`, and their lengths."""
    shape = call.shape("data")
    time, batch = parts(shape.at(0))
    time = call.shape("batch_sizes").at(0).carried if time is Unknown else time
    axes = [Axis(carried=time), Axis(carried=batch)]
    if call.flag("batch_first"):
        axes.reverse()
    return (
        Array(TensorShape((*axes, *shape.axes[1:])), call.array("data").dtype),
        Array(TensorShape((Axis(carried=batch),)), "int64"),
    )


def parts(axis: Axis) -> tuple[str | UnknownType, str | UnknownType]:
    """The names of time and batch of the axis of a packed sequence."""
    found = names_in(axis.carried)
    return (found[0], found[1]) if len(found) == 2 else (Unknown, Unknown)


def batch_of(axis: Axis) -> Axis:
    """The axis of the batch of a packed sequence, whose size is not known."""
    return ANY.called(parts(axis)[1])


def with_batch(axis: Axis, batch: str | UnknownType) -> Axis:
    """The axis of a packed sequence whose batch has this name."""
    return axis.called(carried_by([Axis(carried=parts(axis)[0]), Axis(carried=batch)]))


OPERATORS: Final = (
    OpRule("torch._pack_padded_sequence", "input, lengths, batch_first", packed),
    OpRule(
        "torch._pad_packed_sequence", "data, batch_sizes, batch_first, padding_value, total_length", unpacked
    ),
    OpRule(
        "torch._C._nn.pad_sequence",
        "sequences, batch_first=False, padding_value=0.0, padding_side='right'",
        padded,
    ),
)
