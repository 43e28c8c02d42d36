"""Contractions of the last axis with a weight, as operators and as modules."""

from typing import Final

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.attribute import read_size
from namedtorch.ops.axes import Axis, Rest
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Misfit, either_name, name_conflict
from namedtorch.ops.matmul import CODE, contract, ranked
from namedtorch.ops.module_rule import ModuleRule
from namedtorch.ops.op_rule import SAME, OpRule
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Array


def linear(call: Call) -> TensorShape:
    """Contracts the last axis of `input` with that of `weight`, `out in`; a vector takes the axis away."""
    shape, weight = call.shape("input"), call.shape("weight")
    if not shape.axes:
        raise Misfit("rank-unfit", "it takes at least one axis, and `input` has none", "input")
    if weight.rank is Unknown:
        raise Undetermined
    if weight.rank not in (1, 2):
        raise Misfit("rank-unfit", f"it takes `out in`, and `weight` has {weight.rank} axes", "weight")
    last = shape.axes[-1]
    if isinstance(last, Axis):
        contract(call, "input", shape, -1, "weight", weight, -1)
    before = shape.axes if isinstance(last, Rest) else shape.axes[:-1]
    return TensorShape((*before, *_biased(call, weight.fixed[:-1])))


def linear_layer(call: Call) -> TensorShape:
    """Contracts the last axis of `input` with the `in_features` of a layer."""
    shape = call.shape("input")
    if not shape.axes:
        raise Misfit("rank-unfit", "it takes at least one axis, and `input` has none", "input")
    last, taken = shape.axes[-1], Axis(read_size(call.read, "in_features"))
    out = Axis(read_size(call.read, "out_features"))
    if isinstance(last, Rest):
        return TensorShape((*shape.axes, out))
    if last.size is not Unknown and taken.size is not Unknown:
        call.same(
            last, taken, CODE, "it contracts axis -1 of `input` with its `in_features`", "input",
            len(shape.axes) - 1, other="in_features",
        )  # fmt: skip
    return TensorShape((*shape.axes[:-1], out))


def bilinear(call: Call) -> TensorShape:
    """Contracts the last axes of two inputs with `weight`, `out in1 in2`."""
    weight = ranked(call, "weight", 3)
    left, right = call.shape("input1"), call.shape("input2")
    for name, shape, place in (("input1", left, 1), ("input2", right, 2)):
        last = shape.axes[-1:]
        if last and isinstance(last[0], Axis):
            call.same(
                last[0], weight.at(place), CODE, f"it contracts axis -1 of `{name}` with axis {place} of `weight`",
                name, len(shape.axes) - 1, other="weight", other_axis=place,
            )  # fmt: skip
    return TensorShape((*_batch(call, left, right), *_biased(call, (weight.at(0),))))


def _biased(call: Call, out: tuple[Axis, ...]) -> tuple[Axis, ...]:
    """The axis that a weight makes, if any, under the name that it or the bias has: one number for each, or for all."""
    bias = call.value("bias")
    if not isinstance(bias, Array) or bias.shape.rest is not Unknown or not out:
        return out
    for axis in bias.shape.fixed[-1:]:
        if name_conflict(axis, out[0]) or not axis.is_one:
            call.same(
                axis, out[0], "broadcast-dims-differ", "it is added to the result", "bias",
                len(bias.shape.axes) - 1, other="weight", other_axis=0,
            )  # fmt: skip
        return (out[0].called(either_name(out[0], axis)),)
    return out


def _batch(call: Call, left: TensorShape, right: TensorShape) -> tuple[Axis | Rest, ...]:
    """The axes before the last, which both inputs share."""
    if left.rank is Unknown or right.rank is Unknown:
        known = right if left.rank is Unknown else left
        return (Rest(),) if known.rank is Unknown else known.fixed[:-1]
    if left.rank != right.rank or not left.rank:
        raise Misfit(
            "rank-unfit", f"it has {right.rank} axes, and `input1` {left.rank}", "input2", other="input1"
        )
    return tuple(
        call.same(
            two, one, "broadcast-dims-differ", "both inputs have one batch", "input2", place,
            other="input1", other_axis=place,
        )
        for place, (one, two) in enumerate(zip(left.fixed[:-1], right.fixed[:-1], strict=True))
    )  # fmt: skip


OPERATORS: Final = (
    OpRule("torch.nn.functional.linear", "input, weight, bias=None", linear, dtype=SAME),
    OpRule(
        "torch.nn.functional.bilinear", "input1, input2, weight, bias=None", bilinear,
        spelled=("torch.bilinear",), dtype=SAME,
    ),
)  # fmt: skip

_STATE: Final = {"weight": "out in", "bias": "out"}
_FORWARD: Final = "input: *batch in -> *batch out"

MODULES: Final = (
    ModuleRule(
        "torch.nn.Linear",
        sizes={"in": "in_features", "out": "out_features"},
        state=_STATE,
        forward=_FORWARD,
        constructor="in_features, out_features, bias=True, device=None, dtype=None",
        operate=linear_layer,
    ),
    ModuleRule(
        "torch.nn.LazyLinear",
        sizes={"out": "out_features"},
        state=_STATE,
        forward=_FORWARD,
        constructor="out_features, bias=True, device=None, dtype=None",
        operate=linear_layer,
    ),
    ModuleRule(
        "torch.nn.Bilinear",
        sizes={"in1": "in1_features", "in2": "in2_features", "out": "out_features"},
        state={"weight": "out in1 in2", "bias": "out"},
        forward="input1: *batch in1, input2: *batch in2 -> *batch out",
        constructor="in1_features, in2_features, out_features, bias=True, device=None, dtype=None",
        code=CODE,
    ),
)
