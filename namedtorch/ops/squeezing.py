"""Axes of size 1: they are put in, taken away, and stretched."""

from collections.abc import Callable
from typing import Final

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.axes import ANY, INSERTED, Axis
from namedtorch.ops.broadcasting import broadcast
from namedtorch.ops.call import Call, as_array
from namedtorch.ops.judge import Misfit, either_name, name_conflict
from namedtorch.ops.op_rule import SAME, OpRule
from namedtorch.ops.roles import BATCH, SAMPLES, name_of
from namedtorch.ops.size_lists import size_list
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Array

_DROPS: Final = "squeeze-drops-dim"


def squeezed(call: Call) -> TensorShape:
    """Takes away the axes of size 1, all of them or those that are named. Another axis stays."""
    shape, dim = call.shape("input"), call.value("dim")
    if dim == () or dim == []:
        return shape
    places = tuple(range(len(shape.fixed))) if dim is None else call.places("dim")
    if not shape.axes:
        return shape
    gone: list[int] = []
    for place in places:
        axis = shape.axis(place)
        if axis.size is Unknown or (axis.value is Unknown and axis.size.name is Unknown):
            raise Undetermined
        if axis.is_one:
            gone.append(place)
    if dim is None and gone:
        _notice_batch(call, shape)
    return shape.without(gone)


def _notice_batch(call: Call, shape: TensorShape) -> None:
    """Where another axis is meant to go, the first goes with it as soon as its size is 1."""
    first = shape.axes[0]
    if (
        isinstance(first, Axis)
        and first.value is Unknown
        and _is_written(first)
        and name_of(first) in BATCH | SAMPLES
    ):
        call.judge.notice(
            Misfit(
                _DROPS, f"it drops `{first}`, too, where that is 1", "input", 0, left=first,
                help="name the axis: `squeeze(dim)`",
            )
        )  # fmt: skip


def _is_written(axis: Axis) -> bool:
    """Whether a dim stands in an annotation: one that code has named may be 1 where it is used."""
    return axis.dim is not Unknown and not axis.dim.startswith("{")


def unsqueezed(call: Call) -> TensorShape:
    """Puts in an axis of size 1."""
    return call.shape("input").inserted(call.place("dim", extra=1), INSERTED)


def expanded(call: Call) -> TensorShape:
    """Stretches axes of size 1, and puts new ones in front; -1 leaves an axis as it is."""
    sizes = size_list(call, "size")
    shape = call.shape("input")
    axes = tuple(axis for axis in shape.axes if isinstance(axis, Axis))
    if len(axes) > len(sizes):
        raise Misfit("expand-differs", f"it has {len(axes)} axes, and is expanded to {len(sizes)}", "input")
    # Behind a `Rest` axes count from the right.
    tail = axes if shape.rest is Unknown else axes[shape.rest :]
    result: list[Axis] = []
    for place, size in enumerate(sizes):
        back = len(sizes) - place
        number = Unknown if size is Unknown else size.value
        if number is not Unknown and number < -1:
            raise Misfit("expand-differs", f"a size is {number}", "input")
        if back > len(tail):
            if number == -1 and shape.rest is Unknown:
                raise Misfit("expand-differs", f"size {place} is -1, but there is no such axis", "input")
            result.append(ANY if number == -1 else Axis(size))
        elif number == -1:
            result.append(tail[-back])
        else:
            result.append(_stretched(call, len(shape.axes) - back, tail[-back], size))
    return TensorShape(tuple(result))


def _stretched(call: Call, place: int, axis: Axis, size: Size | UnknownType) -> Axis:
    wanted = Axis(size)
    if axis.is_one or axis.size is Unknown or size is Unknown:
        return axis.resized(size) if size is not Unknown or axis.is_one else axis
    return call.same(
        axis, wanted, "expand-differs", f"axis {place} is {axis}, and is expanded to {wanted}", "input", place
    )


def expanded_as(call: Call) -> TensorShape:
    """Stretches to the sizes of another tensor."""
    wanted = call.axes("other")
    shape = expanded(
        Call({"input": call.value("input"), "size": (tuple(axis.size for axis in wanted),)}, call.judge)
    )
    before = len(wanted) - len(call.shape("input").axes)
    axes: list[Axis] = []
    for place, (axis, other) in enumerate(zip(shape.fixed, wanted, strict=True)):
        if name_conflict(axis, other):
            raise Misfit(
                "expand-differs", "it is expanded along another dim", "input", place - before,
                other="other", other_axis=place, left=axis, right=other,
            )  # fmt: skip
        axes.append(axis.called(either_name(axis, other)))
    return TensorShape(tuple(axes))


def _or_unknown(axis: Axis) -> Size:
    if axis.size is Unknown:
        raise Undetermined
    return axis.size


def together(call: Call) -> tuple[TensorShape, ...]:
    """Broadcasts tensors with each other."""
    shapes = call.shapes("tensors")
    if not shapes:
        raise Undetermined
    names = [f"tensors[{place}]" for place in range(len(shapes))]
    return (broadcast(call, names, shapes),) * len(shapes)


def broadcast_sizes(call: Call) -> tuple[Size, ...]:
    """The sizes that lists of sizes broadcast to."""
    shapes = [
        TensorShape(tuple(Axis(size) for size in size_list(Call({"one": one}, call.judge), "one")))
        for one in call.items("shapes")
    ]
    if not shapes:
        return ()
    names = [f"shapes[{place}]" for place in range(len(shapes))]
    return tuple(_or_unknown(axis) for axis in broadcast(call, names, shapes).fixed)


def at_least(rank: int, behind: int) -> Callable[[Call], TensorShape | tuple[TensorShape, ...]]:
    """The rule that gives tensors so many axes; of those put in, so many stand behind the others."""

    def rule(call: Call) -> TensorShape | tuple[TensorShape, ...]:
        listed = call.items("tensors")
        if len(listed) == 1 and isinstance(listed[0], tuple | list):
            listed = listed[0]
        elif len(listed) == 1:
            return raised(as_array(listed[0]).shape, rank, behind)
        return tuple(raised(as_array(one).shape, rank, behind) for one in listed)

    return rule


def raised(shape: TensorShape, rank: int, behind: int) -> TensorShape:
    """A shape with so many axes at least; of those put in, so many stand behind the others."""
    if shape.rest is not Unknown:
        if len(shape.axes) - 1 >= rank:
            return shape
        raise Undetermined
    missing = rank - len(shape.axes)
    if missing <= 0:
        return shape
    back = min(behind, missing)
    return TensorShape((*(INSERTED,) * (missing - back), *shape.axes, *(INSERTED,) * back))


def summed(call: Call) -> TensorShape:
    """Sums up what was broadcast."""
    sizes = size_list(call, "size")
    axes = call.axes("input")
    if len(sizes) > len(axes):
        raise Misfit("expand-differs", "it has fewer axes than it is summed to", "input")
    summands = Array(TensorShape(tuple(Axis(size) for size in sizes)))
    expanded(Call({"input": summands, "size": (tuple(axis.size for axis in axes),)}, call.judge))
    kept = zip(axes[len(axes) - len(sizes) :], sizes, strict=True)
    return TensorShape(tuple(axis.resized(size) for axis, size in kept))


OPERATORS: Final = (
    OpRule(
        "torch.squeeze", "input, dim=None", squeezed, spelled=("torch.Tensor.squeeze",), dims=("dim",), dtype=SAME,
        by_size=True,
    ),
    OpRule(
        "torch.unsqueeze", "input, dim", unsqueezed, spelled=("torch.Tensor.unsqueeze",), dims=("dim",),
        dtype=SAME,
    ),
    OpRule("torch.Tensor.expand", "input, *size, implicit=False", expanded, dtype=SAME),
    OpRule(
        "torch.broadcast_to", "input, size", expanded, spelled=("torch.Tensor.broadcast_to",), dtype=SAME,
    ),
    OpRule("torch.Tensor.expand_as", "input, other", expanded_as, dtype=SAME),
    OpRule("torch.Tensor.sum_to_size", "input, *size", summed, dtype=SAME),
    OpRule("torch.broadcast_tensors", "*tensors", together),
    OpRule("torch.broadcast_shapes", "*shapes", broadcast_sizes),
    OpRule("torch.atleast_1d", "*tensors", at_least(1, 0), dtype=SAME),
    OpRule("torch.atleast_2d", "*tensors", at_least(2, 0), dtype=SAME),
    OpRule("torch.atleast_3d", "*tensors", at_least(3, 1), dtype=SAME),
)  # fmt: skip
