"""Attention without projections: scores of queries and keys, which a mask broadcasts into, weigh values."""

from typing import Final

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis, Rest
from namedtorch.ops.broadcasting import broadcast
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Misfit, either_name, name_conflict
from namedtorch.ops.linalg import matrices
from namedtorch.ops.matmul import CODE
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Array

MASK: Final = "mask-differs"
HEADS: Final = "heads-differ"


def scaled_dot_product(call: Call) -> TensorShape:
    """`queries features`, `keys features` and `keys out` give `queries out`; axes before them broadcast."""
    batch, steps, _ = matrices(call, "query")
    others, keys, _ = matrices(call, "key")
    third, _, out = matrices(call, "value")
    _contract(call, "query", -1, "key", -1)
    _contract(call, "key", -2, "value", -2)
    names, batches = ["query", "key", "value"], [batch, others, third]
    if call.flag("enable_gqa"):
        both = TensorShape(_grouped(call, names, batches))
    else:
        both = broadcast(call, names, [TensorShape(one) for one in batches])
    scores = _masked(call, TensorShape((*both.axes, steps, keys)))
    return TensorShape((*scores.axes[:-1], out))


def _contract(call: Call, left: str, at: int, right: str, by: int) -> None:
    first, second = call.shape(left), call.shape(right)
    try:
        a, b = first.at(at), second.at(by)
    except Undetermined:
        return
    call.same(
        b, a, CODE, f"it contracts axis {at} of `{left}` with axis {by} of `{right}`", right, second.place(by),
        other=left, other_axis=first.place(at),
    )  # fmt: skip


def _grouped(call: Call, names: list[str], batches: list[tuple[Axis | Rest, ...]]) -> tuple[Axis | Rest, ...]:
    """The batch and the heads of queries, which share those of keys and values in groups of one size."""
    batch = batches[0]
    if not all(batches):
        raise Undetermined
    heads = [one[-1] for one in batches]
    known = [one for one in heads if isinstance(one, Axis)]
    if len(known) < len(heads):
        return batch
    for name, fewer, other in zip(names[1:], known[1:], batches[1:], strict=True):
        if not call.divisible(known[0].size, fewer.size):
            raise Misfit(
                HEADS, f"{known[0]} heads of `query` do not share {fewer} heads evenly", name, len(other) - 1,
                other="query", other_axis=len(batch) - 1, left=fewer, right=known[0],
            )  # fmt: skip
    if name_conflict(known[1], known[2]):
        raise Misfit(
            HEADS, "heads of `key` and `value` are shared one by one", "value", len(batches[2]) - 1,
            other="key", other_axis=len(batches[1]) - 1, left=known[2], right=known[1],
        )  # fmt: skip
    before = broadcast(call, names, [TensorShape(one[:-1]) for one in batches])
    return (*before.axes, known[0])


def _masked(call: Call, scores: TensorShape) -> TensorShape:
    """The scores, into which a mask has to broadcast, under its names where they have none."""
    mask = call.value("attn_mask")
    if mask is not None and call.value("is_causal") is True:
        raise Misfit(MASK, "it takes either a mask or `is_causal`", "attn_mask")
    if not isinstance(mask, Array) or mask.shape.rest is not Unknown:
        return scores
    axes = mask.shape.fixed
    if scores.rest is Unknown and len(axes) > len(scores.axes):
        raise Misfit(
            MASK, f"it has {len(axes)} axes, and the scores {len(scores.axes)}: {scores}", "attn_mask"
        )
    named = scores
    for back in range(1, min(len(axes), len(scores.axes)) + 1):
        axis, score = axes[-back], scores.axes[-back]
        if isinstance(score, Rest):
            break
        known = axis.size is not Unknown and score.size is not Unknown
        if name_conflict(axis, score) or (known and not axis.is_one):
            call.same(
                axis, score, MASK, f"it does not broadcast into the scores, {scores}", "attn_mask", len(axes) - back,
                help=_headless(call, axes, scores),
            )  # fmt: skip
        named = named.replaced(len(named.axes) - back, score.called(either_name(score, axis)))
    return named


def _headless(call: Call, axes: tuple[Axis, ...], scores: TensorShape) -> str:
    first = scores.axes[0]
    one_short = len(axes) == 3 and len(scores.axes) == 4
    if one_short and isinstance(first, Axis) and call.is_equal(axes[0].size, first.size):
        return "its first axis is the batch: insert an axis for the heads, `attn_mask[:, None]`"
    return ""
