"""Cases of recurrent networks and cells."""

from typing import Any

from tests.ops.oracle import ModuleCase, T, t

_OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"batch_first": True},
    {"num_layers": 3, "bidirectional": True},
    {"num_layers": 2, "batch_first": True, "bidirectional": True, "bias": False},
    {"num_layers": 0},
)
_INPUTS = ((3, 5), (3, 13, 5), (3, 11), (3, 13, 11), (5,), (2, 3, 13, 5))


def _case(name: str, made: tuple[Any, ...], keywords: dict[str, Any], *inputs: Any) -> ModuleCase:
    return ModuleCase(f"torch.nn.{name}", made, keywords, inputs)


def _states(layers: int, batch: int, hidden: int) -> list[T]:
    """A right state, and wrong ones."""
    return [
        t(layers, batch, hidden),
        t(layers + 1, batch, hidden),
        t(batch, layers, hidden),
        t(layers, batch + 1, hidden),
        t(layers, batch, hidden + 1),
        t(layers, hidden),
    ]


MODULE_CASES = [
    *(
        _case(name, (5, 7), options, t(*sizes))
        for name in ("RNN", "GRU", "LSTM")
        for options in _OPTIONS
        for sizes in _INPUTS
    ),
    *(
        _case("LSTM", (5, 7), {**options, "proj_size": 3}, t(*sizes))
        for options in _OPTIONS
        for sizes in _INPUTS
    ),
    *(_case("LSTM", (5, 7), {"proj_size": size}, t(3, 13, 5)) for size in (7, 8, -1)),
    *(
        _case(name, (5, 7, 2), {"bidirectional": True}, t(3, 13, 5), state)
        for name in ("RNN", "GRU")
        for state in _states(4, 13, 7)
    ),
    *(
        _case(name, (5, 7, 2), {"batch_first": True}, t(3, 13, 5), state)
        for name in ("RNN", "GRU")
        for state in _states(2, 3, 7)
    ),
    *(
        _case(name, (5, 7, 2), {}, t(3, 5), state)
        for name in ("RNN", "GRU")
        for state in (t(2, 7), t(2, 1, 7))
    ),
    *(_case("LSTM", (5, 7, 2), {}, t(3, 13, 5), (state, t(2, 13, 7))) for state in _states(2, 13, 7)),
    *(_case("LSTM", (5, 7, 2), {}, t(3, 13, 5), (t(2, 13, 7), state)) for state in _states(2, 13, 7)),
    *(
        _case("LSTM", (5, 7, 2), {"proj_size": 3}, t(3, 13, 5), pair)
        for pair in ((t(2, 13, 3), t(2, 13, 7)), (t(2, 13, 7), t(2, 13, 7)), (t(2, 13, 3), t(2, 13, 3)))
    ),
    _case("LSTM", (5, 7), {}, t(3, 5), (t(1, 7), t(1, 7))),
    _case("LSTM", (5, 7), {}, t(3, 5), (t(1, 1, 7), t(1, 1, 7))),
    _case("LSTM", (5, 7), {}, t(3, 13, 5), t(1, 13, 7)),
    _case("GRU", (5, 7), {}, t(3, 13, 5), (t(1, 13, 7), t(1, 13, 7))),
    _case("RNN", (5, 7, 2, "relu", False, True), {}, t(3, 13, 5)),
    _case("RNN", (5, 7), {"nonlinearity": "relu"}, t(3, 13, 5)),
    _case("RNN", (5, 7), {"proj_size": 3}, t(3, 13, 5)),
    _case("GRU", (5, 7, 2, False, True), {}, t(3, 13, 5)),
    _case("LSTM", (5, 7, 2, False, True, 0.5, True, 3), {}, t(3, 13, 5)),
    *(
        _case(name, (5, 7), {}, t(*sizes))
        for name in ("RNNCell", "GRUCell", "LSTMCell")
        for sizes in ((5,), (3, 5), (3, 13, 5), (3, 11))
    ),
    *(
        _case(name, (5, 7), {}, t(*sizes), state if name != "LSTMCell" else (state, state))
        for name in ("RNNCell", "GRUCell", "LSTMCell")
        for sizes in ((5,), (3, 5))
        for state in (t(7), t(3, 7), t(3, 11), t(1, 7), t(13, 7), t(1, 3, 7))
    ),
]
