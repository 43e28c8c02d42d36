"""The order of the axes of sequences: a module has to be told where the batch stands, which is often forgotten."""

from typing import Final

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Misfit
from namedtorch.ops.roles import BATCH, SAMPLES, name_of
from namedtorch.ops.tensor_shape import TensorShape

CODE: Final = "batch-order-differs"


def notice_order(call: Call, name: str, shape: TensorShape, batch_first: bool | UnknownType) -> None:
    """Notices a sequence with 3 axes whose batch stands where the module takes its steps."""
    if shape.rank != 3 or batch_first is Unknown:
        return
    batch, steps = (0, 1) if batch_first else (1, 0)
    first = BATCH | SAMPLES
    if (
        name_of(shape.axes[steps]) not in (BATCH if batch_first else first)
        or name_of(shape.axes[batch]) in first
    ):
        return
    axis = shape.at(steps)
    said = "True" if not batch_first else "False"
    call.judge.notice(
        Misfit(
            CODE, f"the module takes its steps at axis {steps} of `{name}`, which is `{axis.dim}`", name, steps,
            left=axis, help=f"construct the module with `batch_first={said}`, or transpose `{name}`",
        )
    )  # fmt: skip
