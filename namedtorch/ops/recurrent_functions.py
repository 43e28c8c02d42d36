"""Recurrent networks and cells as functions, which take the weights: what the modules call."""

from collections.abc import Callable
from typing import Final

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.axes import Axis
from namedtorch.ops.call import Call
from namedtorch.ops.judge import Misfit
from namedtorch.ops.matmul import contract
from namedtorch.ops.op_rule import OpRule, Result
from namedtorch.ops.packed_sequences import batch_of, with_batch
from namedtorch.ops.recurrence import HIDDEN
from namedtorch.ops.strides import reckoned
from namedtorch.ops.tensor_shape import TensorShape, Undetermined
from namedtorch.ops.values import Array

_LAYERS: Final = "has_biases, num_layers, dropout, train, bidirectional"
_NETWORK: Final = f"input, hx, params, {_LAYERS}, batch_first"
_PACKED: Final = f"input, batch_sizes, hx, params, {_LAYERS}"
_CELL: Final = "input, hx, w_ih, w_hh, b_ih=None, b_hh=None"


def _network(pair: bool) -> Callable[[Call], Result]:
    def rule(call: Call) -> Result:
        """What the layers give at each step, and their states at the end. Raises `Misfit`."""
        call, packed = _unified(call)
        call.rank_in("input", 2 if packed else 3)
        shape, weights = call.shape("input"), call.shapes("params")
        contract(call, "input", shape, -1, "params[0]", weights[0], -1)
        place = 0 if packed or call.flag("batch_first") else 1
        batch = batch_of(shape.at(0)) if packed else shape.at(place)
        states = _states(call, pair, 3, batch, place, weights[1], "params[1]")
        steps, given = shape.at(place), states[0].at(-1)
        name = states[0].at(1).carried
        steps = with_batch(steps, name) if packed else steps.called(name)
        if call.flag("bidirectional"):
            given = given.resized(reckoned(lambda one: 2 * one, given.size))
        out = shape.replaced(place, steps).replaced(len(shape.axes) - 1, given)
        dtype = call.array("input").dtype
        return tuple(Array(one, dtype) for one in (out, *states))

    return rule


def _unified(call: Call) -> tuple[Call, bool]:
    """The call by the parameters of its overload, and whether it is the one of packed sequences.

    That has as many parameters, `batch_sizes` in the place of `batch_first`.
    """
    if not isinstance(call.value("has_biases"), tuple | list):
        return call, False
    given = [call.arguments[name] for name in _NETWORK.split(", ")]
    return Call(dict(zip(_PACKED.split(", "), given, strict=True)), call.judge), True


def _cell(pair: bool) -> Callable[[Call], Result]:
    def rule(call: Call) -> Result:
        """The state behind one step, or that and the cell's. Raises `Misfit`."""
        call.rank_in("input", 2)
        shape = call.shape("input")
        contract(call, "input", shape, -1, "w_ih", call.shape("w_ih"), -1)
        states = _states(call, pair, 2, shape.at(0), 0, call.shape("w_hh"), "w_hh")
        dtype = call.array("input").dtype
        arrays = [Array(one, dtype) for one in states]
        return tuple(arrays) if pair else arrays[0]

    return rule


def _states(
    call: Call, pair: bool, rank: int, batch: Axis, place: int, weight: TensorShape, named: str
) -> list[TensorShape]:
    """The states, which have one batch with the input, and features that `weight` contracts. Raises `Misfit`."""
    names, given = ("hx[0]", "hx[1]") if pair else ("hx",), call.shapes("hx") if pair else [call.shape("hx")]
    if len(given) != len(names):
        raise Misfit(HIDDEN, f"it takes a pair of states, `(h, c)`, and `hx` holds {len(given)}", "hx")
    at = rank - 2
    for name, shape in zip(names, given, strict=True):
        if shape.rank is Unknown:
            raise Undetermined
        if shape.rank != rank:
            raise Misfit(HIDDEN, f"it takes a state of {rank} axes, and `{name}` has {shape.rank}", name)
        batch = call.same(
            shape.at(at), batch, HIDDEN, "it takes one state for each element of the batch", name, at,
            other="input", other_axis=place,
        )  # fmt: skip
    features = contract(call, names[0], given[0], -1, named, weight, -1)
    first = given[0].replaced(at, given[0].at(at).called(batch.carried)).replaced(rank - 1, features)
    if not pair:
        return [first]
    second = _alike(call, names[-1], given[-1].replaced(at, first.at(at)), first)
    return [_alike(call, names[0], first, second), second]


def _alike(call: Call, name: str, shape: TensorShape, other: TensorShape) -> TensorShape:
    """A state under the names that the other one has where this one has none; a projection has features of its own.

    Raises `Misfit` for two names of one axis.
    """
    for place, (axis, wanted) in enumerate(zip(shape.fixed, other.fixed, strict=True)):
        if place == len(shape.axes) - 1 and not call.is_equal(axis.size, wanted.size):
            continue
        met = call.same(axis, wanted, HIDDEN, "both states have the same axes", name, place, other="hx")
        shape = shape.replaced(place, axis.called(met.carried))
    return shape


OPERATORS: Final = (
    OpRule("torch.rnn_tanh", _NETWORK, _network(pair=False)),
    OpRule("torch.rnn_relu", _NETWORK, _network(pair=False)),
    OpRule("torch.gru", _NETWORK, _network(pair=False)),
    # Whether states and cells have the same features is told by their sizes.
    OpRule("torch.lstm", _NETWORK, _network(pair=True), by_size=True),
    OpRule("torch.rnn_tanh_cell", _CELL, _cell(pair=False)),
    OpRule("torch.rnn_relu_cell", _CELL, _cell(pair=False)),
    OpRule("torch.gru_cell", _CELL, _cell(pair=False)),
    OpRule("torch.lstm_cell", _CELL, _cell(pair=True)),
)
