"""`out`: the tensor that a result is written into, whose names have to be those of the result, or none."""

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.broadcasting import CODE
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Misfit, either_name, name_conflict
from namedtorch.ops.tensor_shape import TensorShape
from namedtorch.ops.values import Array


def written(call: Call, result: TensorShape) -> TensorShape:
    """The shape of a result with the names of `out`, if that is given and has any. Raises `Misfit`.

    Sizes are not looked at: torch makes room for the result.
    """
    out = call.value("out")
    if not isinstance(out, Array) or out.shape.rest is not Unknown or result.rest is not Unknown:
        return result
    if all(axis.carried is Unknown for axis in out.shape.fixed):
        return result
    if len(out.shape.axes) != len(result.axes):
        raise Misfit(
            "rank-unfit", f"it has {len(out.shape.axes)} axes, and the result {len(result.axes)}", "out"
        )
    axes: list[Axis] = []
    for place, (axis, found) in enumerate(zip(result.fixed, out.shape.fixed, strict=True)):
        if name_conflict(axis, found):
            raise Misfit(CODE, f"the result is {result}", "out", place, left=found, right=axis)
        axes.append(axis.called(either_name(axis, found)))
    return TensorShape(tuple(axes))
