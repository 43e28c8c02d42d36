"""Distances and similarities between vectors."""

from typing import Final

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import ANY, ONE, Axis, Rest
from namedtorch.ops.broadcasting import CODE as BROADCAST
from namedtorch.ops.broadcasting import broadcast
from namedtorch.ops.call import Call, no_such_axis, place_of
from namedtorch.ops.counts import computed
from namedtorch.ops.dtypes import promoted
from namedtorch.ops.elementwise import row
from namedtorch.ops.judge import Misfit
from namedtorch.ops.op_rule import OpRule
from namedtorch.ops.tensor_shape import SCALAR, NoSuchAxis, TensorShape
from namedtorch.ops.values import Array

_PAIR: Final = ("x1", "x2")


def _both(call: Call) -> TensorShape:
    return broadcast(call, _PAIR, [call.shape(name) for name in _PAIR])


def _similarity(call: Call) -> Array:
    """Takes away `dim` of what both vectors broadcast to."""
    both = _both(call)
    value = call.value("dim")
    if isinstance(value, str):
        place = place_of(both, value, "x1", f"`dim` is {value!r}")
    else:
        try:
            place = both.place(call.integer("dim"))
        except NoSuchAxis as error:
            raise no_such_axis("dim", "x1", error.axis, error.rank) from None
    # The number of the axis of what both are stretched to is what torch takes.
    call.places_of["dim"] = place
    return Array(both.without([place]), promoted([call.value(name) for name in _PAIR]))


def _distance(call: Call) -> TensorShape:
    """Takes away the last axis of what both vectors broadcast to."""
    both = _both(call)
    if not both.axes:
        return both
    axis, last = both.at(-1), len(both.axes) - 1
    if call.flag("keepdim"):
        return both.replaced(last, axis.resized(ONE, inserted=True))
    return both.without([last])


def _all_distances(call: Call) -> TensorShape:
    """Gives the distance of each vector of one to each vector of the other; what stands before broadcasts."""
    heads: list[TensorShape] = []
    rows: list[Axis] = []
    lasts: list[Axis] = []
    for name in _PAIR:
        shape = call.shape(name)
        try:
            before, (vectors, last) = shape.split(2)
        except NoSuchAxis:
            raise Misfit(
                "rank-unfit", f"it takes 2 axes or more, and `{name}` has {shape.rank}", name
            ) from None
        heads.append(TensorShape(before))
        rows.append(vectors)
        lasts.append(last)
    places = [len(call.shape(name).axes) - 1 for name in _PAIR]
    call.same(
        lasts[1], lasts[0], "contracted-dims-differ", "it compares vectors along the last axes, which differ", "x2",
        places[1], other="x1", other_axis=places[0],
    )  # fmt: skip
    return TensorShape((*broadcast(call, _PAIR, heads).axes, *rows))


def _within(call: Call) -> TensorShape:
    """Gives the distance of each of N vectors to each later one."""
    call.rank_in("input", 2)
    shape = call.shape("input")
    first = shape.axes[0]
    if isinstance(first, Rest) or first.size is Unknown:
        return TensorShape((ANY,))
    count = first.size
    return TensorShape((Axis(computed(lambda: count * (count - 1) // 2)),))


def _one_distance(call: Call) -> TensorShape:
    """Gives the norm of the difference of two tensors, which broadcast."""
    broadcast(call, ("input", "other"), (call.shape("input"), call.shape("other")))
    return SCALAR


def _between_rows(call: Call) -> TensorShape:
    """Tells how each row of a matrix varies with each other one; of one row, a number."""
    rank = call.rank_in("input", 0, 1, 2)
    if rank:
        _check_weights(call, rank - 1)
    if rank < 2:
        return SCALAR
    rows = call.axes("input")[0]
    return TensorShape((rows, rows))


def _check_weights(call: Call, place: int) -> None:
    """Weights, where they are given, hold one number for each observation."""
    for name in ("fweights", "aweights"):
        weights = call.value(name)
        if isinstance(weights, Array) and weights.shape.rank == 1:
            call.same(
                weights.shape.fixed[0], call.shape("input").at(place), BROADCAST,
                "it holds a weight for each observation", name, 0, other="input", other_axis=place,
            )  # fmt: skip


OPERATORS: Final = (
    OpRule(
        "torch.nn.functional.cosine_similarity", "x1, x2, dim=1, eps=1e-08", _similarity,
        spelled=("torch.cosine_similarity",), dims=("dim",),
    ),
    OpRule(
        "torch.nn.functional.pairwise_distance", "x1, x2, p=2.0, eps=1e-06, keepdim=False", _distance,
        spelled=("torch.pairwise_distance",),
    ),
    OpRule("torch.cdist", "x1, x2, p=2.0, compute_mode='use_mm_for_euclid_dist_if_necessary'", _all_distances),
    OpRule("torch.nn.functional.pdist", "input, p=2", _within, spelled=("torch.pdist",)),
    row("cov", "input, correction=1, fweights=None, aweights=None", _between_rows),
    row("corrcoef", "input", _between_rows),
    row("dist", "input, other, p=2", _one_distance),
)  # fmt: skip
