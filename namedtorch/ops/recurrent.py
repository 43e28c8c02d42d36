"""Recurrent networks and their cells: `t` is the axis of time, `gates` what the gates of a unit take together."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from namedtorch.dims.unknown import Unknown
from namedtorch.ops.attribute import Read, read_flag, read_size
from namedtorch.ops.call import Call
from namedtorch.ops.module_rule import ModuleRule, State
from namedtorch.ops.op_rule import Result
from namedtorch.ops.recurrence import check_projection, check_sizes, run_cell, run_network
from namedtorch.signature.hints import TupleHint
from namedtorch.signature.signature import Signature
from namedtorch.signature.text import parse_signature

_SIZES: Final = {"in": "input_size", "hidden": "hidden_size"}


def _gates(count: int) -> str:
    return "hidden" if count == 1 else f"gates={count}*hidden"


def _state(gates: str) -> Callable[[Read], State]:
    def state(read: Read) -> State:
        """Weights for each layer and direction; a layer above the first takes what all directions below it give."""
        layers, both = read_size(read, "num_layers"), read_flag(read, "bidirectional")
        if layers is Unknown or layers.value is Unknown or both is Unknown:
            return {}
        given = "proj" if _projects(read) else "hidden"
        below = f"2*{given}" if both else given
        found: dict[str, str] = {}
        for layer in range(layers.value):
            for suffix in ("", "_reverse") if both else ("",):
                place = f"l{layer}{suffix}"
                found[f"weight_ih_{place}"] = f"{gates} {below if layer else 'in'}"
                found[f"weight_hh_{place}"] = f"{gates} {given}"
                found[f"bias_ih_{place}"] = found[f"bias_hh_{place}"] = gates
                found[f"weight_hr_{place}"] = "proj hidden"
        return found

    return state


def _projects(read: Read) -> bool:
    size = read_size(read, "proj_size")
    return size is not Unknown and size.value != 0


def _forward(cell: bool) -> Callable[[Read], tuple[Signature, ...]]:
    """`cell` tells whether the state is a pair, of what is given and of the cell."""

    def forward(read: Read) -> tuple[Signature, ...]:
        both, first = read_flag(read, "bidirectional"), read_flag(read, "batch_first")
        given = "proj" if _projects(read) else "hidden"
        out = "_" if both is Unknown else f"2*{given}" if both else given
        layers = "_" if both is Unknown else "2*layers" if both else "layers"
        batched = "_ _" if first is Unknown else "n t" if first else "t n"
        shapes = ((batched, f"{layers} n"), ("t", layers))
        return tuple(
            _nested(
                f"input: {taken} in -> {taken} {out}, {states} {given}"
                + (f", {states} hidden" if cell else "")
            )
            for taken, states in shapes
        )

    return forward


def _nested(text: str) -> Signature:
    """A signature whose second and third result are a pair of their own."""
    signature = parse_signature(text)
    assert isinstance(signature.result, TupleHint)
    first, *states = signature.result.items
    state = states[0] if len(states) == 1 else TupleHint(tuple(states))
    return replace(signature, result=TupleHint((first, state)))


def _networks(call: Call) -> Result:
    return run_network(call, pair=False)


def _pairs(call: Call) -> Result:
    return run_network(call, pair=True)


def _check_network(call: Call) -> None:
    check_sizes(call, "input_size", "hidden_size", "num_layers")
    check_projection(call)


_MADE: Final = (
    "input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False, "
    "device=None, dtype=None"
)
_MADE_LSTM: Final = _MADE.replace("device=None,", "proj_size=0, device=None,")
_MADE_RNN: Final = _MADE.replace("num_layers=1,", "num_layers=1, nonlinearity='tanh',")
_MADE_CELL: Final = "input_size, hidden_size, bias=True, device=None, dtype=None"
_MADE_RNN_CELL: Final = _MADE_CELL.replace("bias=True,", "bias=True, nonlinearity='tanh',")


def _network(name: str, gates: int, constructor: str = _MADE) -> ModuleRule:
    sizes = {**_SIZES, "proj": "proj_size", "layers": "num_layers"}
    return ModuleRule(
        f"torch.nn.{name}", sizes=sizes, state=_state(_gates(gates)), forward=_forward(name == "LSTM"),
        constructor=constructor, requires=_check_network, operate=_pairs if name == "LSTM" else _networks,
        takes="input, hx=None",
    )  # fmt: skip


def _one(call: Call) -> Result:
    return run_cell(call, pair=False)


def _two(call: Call) -> Result:
    return run_cell(call, pair=True)


def _cell(name: str, gates: int, constructor: str = _MADE_CELL) -> ModuleRule:
    width = _gates(gates)
    state = {"weight_ih": f"{width} in", "weight_hh": f"{width} hidden", "bias_ih": width, "bias_hh": width}
    results = [", ".join([one] * (2 if name == "LSTMCell" else 1)) for one in ("n hidden", "hidden")]
    forward = (f"input: n in -> {results[0]}", f"input: in -> {results[1]}")
    return ModuleRule(
        f"torch.nn.{name}", sizes=_SIZES, state=state, forward=forward, constructor=constructor,
        operate=_two if name == "LSTMCell" else _one, takes="input, hx=None",
    )  # fmt: skip


MODULES: Final = (
    _network("RNN", 1, _MADE_RNN),
    _network("GRU", 3),
    _network("LSTM", 4, _MADE_LSTM),
    _cell("RNNCell", 1, _MADE_RNN_CELL),
    _cell("GRUCell", 3),
    _cell("LSTMCell", 4),
)
