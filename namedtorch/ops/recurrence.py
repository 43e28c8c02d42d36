"""What recurrent networks and cells take and give: a sequence or one step of it, and the states of its layers."""

from collections.abc import Sequence
from dataclasses import dataclass

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.ops.attributed import attributed
from namedtorch.ops.axes import ANY, Axis, Rest
from namedtorch.ops.call import Call
from namedtorch.ops.channels import ranked
from namedtorch.ops.dtypes import category
from namedtorch.ops.judge import Misfit, either_name, name_conflict
from namedtorch.ops.op_rule import Result
from namedtorch.ops.sequence import notice_order
from namedtorch.ops.strides import UNFIT, ZERO, Amount, reckoned
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Array, Value

HIDDEN = "hidden-differs"


@dataclass(frozen=True, slots=True)
class _Part:
    """An axis that a state has to have: what it stands for, and the argument or attribute that tells its size."""

    axis: Axis
    means: str
    says: str
    at: int | UnknownType = Unknown


def run_network(call: Call, *, pair: bool) -> Result:
    """Gives what a network gives at each step, and the states at the end: one, or those of what it gives and of cells.

    Raises `Misfit`.
    """
    call = attributed(call, "input_size hidden_size num_layers batch_first bidirectional proj_size")
    hidden = call.size("hidden_size")
    given = _given(call) if pair else hidden
    layers = _for_each_direction(call, call.size("num_layers"))
    features = Axis(_for_each_direction(call, given))
    if call.value("input") is Unknown:
        # A packed sequence gives a packed one; states are those of tensors.
        shapes = [TensorShape((Axis(layers), Rest(), Axis(one))) for one in _widths(pair, given, hidden)]
        return Unknown, _states([Array(shape) for shape in shapes], pair)
    shape = ranked(call, "input", (2, 3))
    shape = _with_features(call, shape)
    batch, at = _batch(call, shape)
    places = [_Part(Axis(layers), "one state for each layer and direction", "num_layers")]
    if shape.rank is Unknown or shape.rank == 3:
        places.append(_Part(batch, "one state for each element of the batch", "input", at))
    last = ("states of the size that the layers give",) if given == hidden else (
        "states of `proj_size`, which the layers give", "cells of `hidden_size`"
    )  # fmt: skip
    wanted = [
        [*places, _Part(Axis(width), last[min(place, len(last) - 1)], "hidden_size")]
        for place, width in enumerate(_widths(pair, given, hidden))
    ]
    states = _checked(call, wanted, pair, open_rank=shape.rank is Unknown)
    dtype = category(call.array("input").dtype)
    # What is given at each step are the states of the last layer: they have the names of what the layers began with.
    shape = shape.replaced(len(shape.axes) - 1, _called(features, states[0].axes[-1]))
    if at is not Unknown:
        shape = shape.replaced(at, _called(shape.axis(at), states[0].axes[1]))
    return Array(shape, dtype), _states([Array(one, dtype) for one in states], pair)


def _called(axis: Axis, other: Axis | Rest) -> Axis:
    """The axis under its name, or that of one that is the same."""
    return axis.called(either_name(axis, other)) if isinstance(other, Axis) else axis


def run_cell(call: Call, *, pair: bool) -> Result:
    """Gives the state behind one step, or that and the cell's. Raises `Misfit`."""
    call = attributed(call, "input_size hidden_size")
    shape = _with_features(call, ranked(call, "input", (1, 2)))
    width = Axis(call.size("hidden_size"))
    parts = [_Part(width, "a state of `hidden_size`", "hidden_size")]
    if shape.rank is Unknown or shape.rank == 2:
        batch = shape.axes[0]
        taken = batch if isinstance(batch, Axis) else ANY
        parts.insert(0, _Part(taken, "one state for each element of the batch", "input", 0))
    states = _checked(call, [parts] * (2 if pair else 1), pair, open_rank=shape.rank is Unknown)
    dtype = category(call.array("input").dtype)
    arrays = [Array(one, dtype) for one in states]
    return tuple(arrays) if pair else arrays[0]


def _widths(pair: bool, given: Amount, hidden: Amount) -> list[Amount]:
    return [given, hidden] if pair else [given]


def _states(arrays: Sequence[Array], pair: bool) -> Result:
    return tuple(arrays) if pair else arrays[0]


def _given(call: Call) -> Amount:
    """How much a layer gives: `proj_size`, or `hidden_size` where that is 0."""
    projection = call.size("proj_size")
    if projection == ZERO:
        return call.size("hidden_size")
    return projection if projection is not Unknown and projection.value is not Unknown else Unknown


def _for_each_direction(call: Call, size: Amount) -> Amount:
    both = call.value("bidirectional")
    if not isinstance(both, bool):
        return Unknown
    return reckoned(lambda one: 2 * one, size) if both else size


def _batch(call: Call, shape: TensorShape) -> tuple[Axis, int | UnknownType]:
    """The axis of the batch of a sequence, and its place, where there is one and it is known."""
    first = call.value("batch_first")
    if shape.rank != 3 or not isinstance(first, bool):
        return ANY, Unknown
    at = 0 if first else 1
    return shape.fixed[at], at


def _with_features(call: Call, shape: TensorShape) -> TensorShape:
    """The shape, whose last axis has to be of `input_size`. Raises `Misfit`."""
    first = call.value("batch_first") if "batch_first" in call.arguments else Unknown
    notice_order(call, "input", shape, first if isinstance(first, bool) else Unknown)
    place, expected = len(shape.axes) - 1, Axis(call.size("input_size"))
    found = shape.axes[place] if place >= 0 else Rest()
    if isinstance(found, Rest):
        return TensorShape((*shape.axes, expected)) if place < 0 else shape.replaced(place, Rest(), expected)
    if expected.size is Unknown or found.size is Unknown:
        return shape if expected.size is Unknown else shape.replaced(place, expected)
    same = call.same(
        found, expected, "contracted-dims-differ", f"it takes {expected} features, and those are the last axis",
        "input", place, other="input_size",
    )  # fmt: skip
    return shape.replaced(place, same)


def _checked(
    call: Call, wanted: Sequence[Sequence[_Part]], pair: bool, *, open_rank: bool
) -> list[TensorShape]:
    """The shapes of the states that come out, which those of `hx` have to have if it is given. Raises `Misfit`."""
    given = _given_states(call, pair)
    if open_rank:
        return [TensorShape((*(one.axis for one in parts[:-2]), Rest(), parts[-1].axis)) for parts in wanted]
    shapes: list[TensorShape] = []
    for parts, (name, value) in zip(wanted, given, strict=True):
        axes = [part.axis for part in parts]
        if isinstance(value, Array):
            axes = _met(call, name, value.shape, parts)
        shapes.append(TensorShape(tuple(axes)))
    return shapes if len(shapes) == 1 else _paired(call, shapes, wanted)


def _paired(
    call: Call, shapes: Sequence[TensorShape], wanted: Sequence[Sequence[_Part]]
) -> list[TensorShape]:
    """The states of a pair, whose axes carry one name where they stand for the same. Raises `Misfit`."""
    first, second = (list(shape.fixed) for shape in shapes)
    for place, (one, other) in enumerate(zip(first, second, strict=True)):
        if wanted[0][place].axis.size != wanted[1][place].axis.size:
            continue
        if name_conflict(one, other):
            raise Misfit(
                HIDDEN, "its states are of the same elements", "hx[1]", place, other="hx[0]", other_axis=place,
                left=other, right=one,
            )  # fmt: skip
        carried = either_name(one, other)
        first[place], second[place] = one.called(carried), other.called(carried)
    return [TensorShape(tuple(first)), TensorShape(tuple(second))]


def _given_states(call: Call, pair: bool) -> list[tuple[str, Value]]:
    """The states that `hx` holds, with what they are called; None where it is not given."""
    value = call.value("hx")
    if not pair:
        if isinstance(value, tuple | list):
            raise Misfit(HIDDEN, "it takes one state, and `hx` holds several", "hx")
        return [("hx", value)]
    if isinstance(value, Array):
        raise Misfit(HIDDEN, "it takes a pair of states, `(h, c)`, and `hx` is a tensor", "hx")
    if isinstance(value, tuple | list):
        if len(value) != 2:
            raise Misfit(HIDDEN, f"it takes a pair of states, `(h, c)`, and `hx` holds {len(value)}", "hx")
        return [(f"hx[{place}]", one) for place, one in enumerate(value)]
    return [("hx[0]", None), ("hx[1]", None)]


def _met(call: Call, name: str, shape: TensorShape, parts: Sequence[_Part]) -> list[Axis]:
    axes = [part.axis for part in parts]
    if shape.rank is Unknown:
        return axes
    if shape.rank != len(parts):
        raise Misfit(
            HIDDEN, f"it takes a state of {len(parts)} axes for this `input`, and `{name}` has {shape.rank}", name,
            other="input",
        )  # fmt: skip
    met: list[Axis] = []
    for place, (found, part) in enumerate(zip(shape.fixed, parts, strict=True)):
        if (found.size is Unknown or part.axis.size is Unknown) and not name_conflict(found, part.axis):
            known = found if part.axis.size is Unknown else part.axis
            met.append(known.called(either_name(found, part.axis)))
            continue
        met.append(
            call.same(
                found, part.axis, HIDDEN, f"it takes {part.means}", name, place, other=part.says,
                other_axis=part.at,
            )
        )  # fmt: skip
    return met


def check_sizes(call: Call, *more: str) -> None:
    """Refuses sizes that surely are not positive. Raises `Misfit`."""
    for name in dict.fromkeys(more):
        size = call.size(name)
        if size is not Unknown and size.value is not Unknown and size.value < 1:
            raise Misfit(UNFIT, f"`{name}` is {size}, and has to be 1 or more", name)


def check_projection(call: Call) -> None:
    """Refuses a projection to more than there is. Raises `Misfit`."""
    projection, hidden = call.size("proj_size"), call.size("hidden_size")
    if projection is Unknown or hidden is Unknown:
        raise Undetermined
    value, most = projection.value, hidden.value
    if value is not Unknown and (value < 0 or (most is not Unknown and value >= most)):
        raise Misfit(
            UNFIT, f"`proj_size` is {value}, and has to be less than `hidden_size`={hidden}", "proj_size",
            other="hidden_size",
        )  # fmt: skip
