"""Cases of recurrent networks and cells as functions."""

from typing import Any

from tests.ops.oracle import Case, T, call, t


def _weights(gates: int, layers: int = 1, both: bool = False, projected: int = 0) -> list[T]:
    """Weights of layers that take 5 features and have 7 states."""
    found: list[T] = []
    given = projected or 7
    for layer in range(layers):
        for _ in range(2 if both else 1):
            taken = 5 if layer == 0 else given * (2 if both else 1)
            found += [t(gates * 7, taken), t(gates * 7, given), t(gates * 7), t(gates * 7)]
            found += [t(projected, 7)] if projected else []
    return found


def _network(name: str, gates: int, shape: T, states: Any, first: bool = False, **kind: Any) -> Case:
    layers, both = kind.get("layers", 1), kind.get("both", False)
    weights = _weights(gates, layers, both, kind.get("projected", 0))
    return call(f"torch.{name}", shape, states, weights, True, layers, 0.0, False, both, first)


_STATE, _WIDE = t(1, 13, 7), t(4, 3, 7)

CASES = [
    *(
        case
        for name, gates in (("rnn_tanh", 1), ("rnn_relu", 1), ("gru", 3))
        for case in (
            _network(name, gates, t(3, 13, 5), _STATE),
            _network(name, gates, t(3, 13, 5), _WIDE, first=True, layers=2, both=True),
            _network(name, gates, t(3, 13, 6), _STATE),
            _network(name, gates, t(3, 13), _STATE),
        )
    ),
    _network("lstm", 4, t(3, 13, 5), [_STATE, _STATE]),
    _network("lstm", 4, t(3, 13, 5), [_WIDE, _WIDE], first=True, layers=2, both=True),
    _network("lstm", 4, t(3, 13, 5), [t(1, 13, 2), _STATE], projected=2),
    _network("lstm", 4, t(3, 13, 6), [_STATE, _STATE]),
    *(
        call(f"torch.{name}", shape, state, t(gates * 7, 5), t(gates * 7, 7), t(gates * 7), t(gates * 7))
        for name, gates in (("rnn_tanh_cell", 1), ("rnn_relu_cell", 1), ("gru_cell", 3))
        for shape, state in ((t(3, 5), t(3, 7)), (t(3, 6), t(3, 7)), (t(3, 5), t(3, 6)))
    ),
    call("torch.lstm_cell", t(3, 5), [t(3, 7), t(3, 7)], t(28, 5), t(28, 7), t(28), t(28)),
    call("torch.lstm_cell", t(3, 6), [t(3, 7), t(3, 7)], t(28, 5), t(28, 7), t(28), t(28)),
]
