"""The roles of dims that their names tell: which is the batch, which is time."""

from typing import Final

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis, Rest
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Misfit
from namedtorch.ops.tensor_shape import TensorShape

NORMALIZED: Final = "batch-normalized"
ALONE: Final = "normalizes-one"

BATCH: Final = frozenset(
    {"b", "batch", "batch_size", "batchsize", "bs", "bsz", "nbatch", "n_batch", "batches"}
)
"""What people call the dim of a batch, and nothing else."""

SAMPLES: Final = frozenset({"n", "num_samples", "nsamples"})
"""What people call the dim of a batch where it is the first one; `N` further behind is a number of anything."""


def name_of(axis: Axis | Rest) -> str:
    """The name of a dim in small letters; "" for one without."""
    if isinstance(axis, Rest):
        return ""
    for part in axis.parts:
        # A batch that other dims are merged into is still one.
        name = name_of(part)
        if name in BATCH:
            return name
    if axis.dim is Unknown:
        return ""
    return axis.dim.strip("{?}").partition("@")[0].lower()


def batch_place(shape: TensorShape) -> int | None:
    """The place of the axis that is the batch by its name, where there is exactly one such axis."""
    names = [name_of(axis) for axis in shape.axes]
    surely = [place for place, name in enumerate(names) if name in BATCH]
    if surely:
        return surely[0] if len(surely) == 1 else None
    return 0 if names and names[0] in SAMPLES and names.count(names[0]) == 1 else None


def notice_normalization(call: Call, name: str, place: int) -> None:
    """Remarks on values that compete across the samples of a batch, or with nothing at all."""
    shape = call.shape(name)
    if not shape.axes:
        return
    axis = shape.axes[place]
    if isinstance(axis, Rest):
        return
    if axis.is_one:
        detail = f"values are normalized along axis {place}, which has one: all of them become 1"
        call.judge.notice(Misfit(ALONE, detail, name, place, left=axis))
        return
    others = [one for other, one in enumerate(shape.axes) if other != place]
    if batch_place(shape) != place or all(isinstance(one, Axis) and one.is_one for one in others):
        return
    detail = f"values are normalized along axis {place}, across the samples of a batch"
    call.judge.notice(
        Misfit(
            NORMALIZED,
            detail,
            name,
            place,
            left=axis,
            help=f"name the axis along which `{name}` is to sum to 1",
        )
    )
