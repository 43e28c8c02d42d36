"""Broadcasting of shapes: axes are aligned from the right, and one of size 1 stretches.

Source: https://docs.pytorch.org/docs/stable/notes/broadcasting.html
"""

from collections.abc import Sequence

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import ANY, ONE, Axis, Rest
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Misfit, either_name, name_conflict
from namedtorch.ops.tensor_shape import ANY_SHAPE, TensorShape, Undetermined

CODE = "broadcast-dims-differ"
REPEATED = "broadcast-repeats-dim"


def broadcast(call: Call, names: Sequence[str], shapes: Sequence[TensorShape]) -> TensorShape:
    """The shape that tensors broadcast to; `names` are the arguments that they come from.

    Raises `Misfit` where two axes differ. A result that holds one dim twice is noticed.
    """
    result, by = shapes[0], names[0]
    for name, shape in zip(names[1:], shapes[1:], strict=True):
        result = _both(call, by, result, name, shape)
    return result


def _both(call: Call, by: str, left: TensorShape, name: str, right: TensorShape) -> TensorShape:
    if not left.axes:
        return right
    if not right.axes:
        return left
    if left.rest is Unknown and right.rest is Unknown:
        axes = _aligned(call, by, left.fixed, name, right.fixed)
        _notice_repeated(call, by, left, name, right, axes)
        _refuse_misaligned(by, left, name, right, axes)
        return TensorShape(tuple(axes))
    try:
        return _with_rest(call, by, left, name, right)
    except Undetermined:
        return ANY_SHAPE


def _aligned(call: Call, by: str, left: Sequence[Axis], name: str, right: Sequence[Axis]) -> list[Axis]:
    rank = max(len(left), len(right))
    axes: list[Axis] = []
    for place in range(rank):
        a, b = place - rank + len(left), place - rank + len(right)
        if a < 0 or b < 0:
            axes.append(right[b] if a < 0 else left[a])
        else:
            axes.append(_one(call, by, a, left[a], name, b, right[b]))
    return axes


def _one(call: Call, by: str, a: int, left: Axis, name: str, b: int, right: Axis) -> Axis:
    if name_conflict(left, right):
        # An axis of size 1 stretches along its own dim only.
        raise Misfit(
            CODE, f"it does not broadcast with `{by}`", name, b,
            other=by, other_axis=a, left=right, right=left,
            help="`align_as` puts the dims of one where the other has them",
        )  # fmt: skip
    return _stretched(call, by, a, left, name, b, right).called(either_name(left, right))


def _stretched(call: Call, by: str, a: int, left: Axis, name: str, b: int, right: Axis) -> Axis:
    if left.is_one:
        return right
    if right.is_one:
        return left
    if left.size is Unknown or right.size is Unknown:
        # What is not known may be 1, or the other.
        known = right if left.size is Unknown else left
        return known if known.size is not Unknown else ANY
    met = call.judge.meet(left, right)
    if not met.fits:
        for one, other in ((left, right), (right, left)):
            # What is assumed where the code stands may make a computed size 1.
            if call.is_equal(one.size, ONE):
                return other
        raise Misfit(
            CODE, f"it does not broadcast with `{by}`", name, b,
            other=by, other_axis=a, left=right, right=left,
        )  # fmt: skip
    call.notice_order(right, left, name, b, by, a)
    return met.axis


def _with_rest(call: Call, by: str, left: TensorShape, name: str, right: TensorShape) -> TensorShape:
    """Aligns the axes behind the `Rest`; what stands before is kept where the other has nothing there."""
    tails: list[tuple[Axis, ...]] = []
    for shape in (left, right):
        tail: list[Axis] = []
        for axis in reversed(shape.axes):
            if isinstance(axis, Rest):
                break
            tail.insert(0, axis)
        tails.append(tuple(tail))
    count = min(len(tail) for tail in tails)
    common = _aligned(
        call, by, tails[0][len(tails[0]) - count :], name, tails[1][len(tails[1]) - count :]
    )  # fmt: skip
    heads = [shape.axes[: len(shape.axes) - count] for shape in (left, right)]
    if not heads[0] or not heads[1]:
        return TensorShape((*(heads[0] or heads[1]), *common))
    if heads[0] == heads[1] and all(
        not isinstance(axis, Rest) or axis.name is not Unknown for axis in heads[0]
    ):
        return TensorShape((*heads[0], *common))
    # What the other may have in its `Rest` is 1, or the same.
    longer = max(tails, key=len)
    kept = (ANY if axis.size is Unknown or axis.is_one else axis for axis in longer[: len(longer) - count])
    return TensorShape((Rest(), *kept, *common))


def _refuse_misaligned(
    by: str, left: TensorShape, name: str, right: TensorShape, axes: Sequence[Axis]
) -> None:
    """A carried dim that stands at one axis of each operand, but not at the same: `(A, None)` met `(None, A)`."""
    for place, axis in enumerate(axes):
        for there in range(place):
            if axis.carried is Unknown or axes[there].carried != axis.carried:
                continue
            sides = [
                [
                    shape.fixed[at]
                    for at in (one - len(axes) + len(shape.axes) for one in (there, place))
                    if at >= 0
                ]
                for shape in (left, right)
            ]
            if not any(sum(one.carried == axis.carried for one in side) == 2 for side in sides):
                raise Misfit(
                    CODE, f"`{axis.carried}` is another axis of it than of `{by}`", name,
                    max(place - len(axes) + len(right.axes), 0), other=by,
                    help="`align_to` and `align_as` put dims in order",
                )  # fmt: skip


def _notice_repeated(
    call: Call, by: str, left: TensorShape, name: str, right: TensorShape, axes: Sequence[Axis]
) -> None:
    """A dim that stands once in each operand and twice in the result: `(N, 1)` met `(N,)`."""
    if len(left.axes) == len(right.axes):
        return
    (short, short_name), (long, long_name) = (
        ((left, by), (right, name)) if len(left.axes) < len(right.axes) else ((right, name), (left, by))
    )
    shift = len(long.axes) - len(short.axes)
    for place, axis in enumerate(short.fixed):
        opposite = long.fixed[place + shift]
        if not opposite.is_one or opposite.inserted or axis.size is Unknown or axis.is_one:
            continue
        twins = [
            there
            for there, other in enumerate(axes)
            if there != place + shift and call.is_equal(other.size, axis.size) and there < shift
        ]
        if twins and axis.dim is not Unknown:
            call.judge.notice(
                Misfit(
                    REPEATED,
                    f"the result has `{axis.dim}` twice: at axis {twins[0]} and at axis {place + shift}",
                    short_name, place, other=long_name, other_axis=place + shift, left=axis, right=opposite,
                    help=f"squeeze the axis of size 1 of `{long_name}`, "
                    "or write `None` where an outer product is meant",
                )
            )  # fmt: skip
            return
