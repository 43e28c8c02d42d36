"""Names behind recurrent networks and cells as functions."""

from typing import Any

from tests.ops.names.harness import NamesCase, names
from tests.ops.oracle import T, ints, t

_LSTM = [t(28, 5), t(28, 7), t(28), t(28)]
_GRU = [t(21, 5), t(21, 7), t(21), t(21)]
_PROJECTED = [t(28, 5), t(28, 2), t(28), t(28), t(2, 7)]
_NONE = "_ _, _ _, _, _"


def _network(dims: str, name: str, x: T, states: Any, weights: list[T], *, both: bool = False) -> NamesCase:
    return names(dims, f"torch.{name}", x, states, weights, True, 1, 0.0, False, both, False)


def _packed(dims: str, name: str, states: Any, weights: list[T]) -> NamesCase:
    return names(dims, f"torch.{name}", t(9, 5), ints(3), states, weights, True, 1, 0.0, False, False)


X, STATE = t(3, 2, 5), t(1, 2, 7)

CASES = (
    _network(f"T N in, _ _ _, {_NONE} -> T N _, _ N _", "gru", X, STATE, _GRU),
    _network(f"T N in, layers N hidden, {_NONE} -> T N hidden, layers N hidden", "gru", X, STATE, _GRU),
    _network(f"T _ in, layers N hidden, {_NONE} -> T N hidden, layers N hidden", "gru", X, STATE, _GRU),
    _network("T N in, _ _ _, gates in, gates hidden, _, _ -> T N hidden, _ N hidden", "rnn_tanh", X, STATE,
             [t(7, 5), t(7, 7), t(7), t(7)]),
    _network("T N in, _ _ _, gates other, _ _, _, _ -> refused", "rnn_relu", X, STATE,
             [t(7, 5), t(7, 7), t(7), t(7)]),
    _network(f"T N in, _ M _, {_NONE} -> refused", "gru", X, STATE, _GRU),
    _network("T N in, _ _ hidden, _ _, _ other, _, _ -> refused", "gru", X, STATE, _GRU),
    _network(f"T N in, _ N hidden, _ _ _, {_NONE} -> T N hidden, _ N hidden, _ N hidden", "lstm", X, [STATE, STATE],
             _LSTM),
    _network(f"T N in, _ _ _, layers N hidden, {_NONE} -> T N hidden, layers N hidden, layers N hidden", "lstm", X,
             [STATE, STATE], _LSTM),
    _network(f"T N in, _ _ hidden, _ _ cells, {_NONE} -> refused", "lstm", X, [STATE, STATE], _LSTM),
    _network(f"T N in, _ _ proj, _ _ cells, {_NONE}, _ _ -> T N proj, _ N proj, _ N cells", "lstm", X,
             [t(1, 2, 2), STATE], _PROJECTED),
    _network(f"T N in, _ _ hidden, {_NONE}, {_NONE} -> T N hidden, _ N hidden", "gru", X, t(2, 2, 7), [*_GRU, *_GRU],
             both=True),
    _packed(f"(T N) in, T, _ _ hidden, {_NONE} -> (T N) hidden, _ N hidden", "gru", STATE, _GRU),
    _packed(f"(T N) in, T, _ _ hidden, _ _ _, {_NONE} -> (T N) hidden, _ N hidden, _ N hidden", "lstm",
            [STATE, STATE], _LSTM),
    _packed(f"(T _) in, T, _ N hidden, {_NONE} -> (T N) hidden, _ N hidden", "gru", STATE, _GRU),
    _packed(f"(T M) in, T, _ N hidden, {_NONE} -> refused", "gru", STATE, _GRU),
    names("N in, _ _, _ _, _ _ -> N _", "torch.gru_cell", t(2, 5), t(2, 7), t(21, 5), t(21, 7)),
    names("N in, N hidden, _ _, _ _ -> N hidden", "torch.rnn_tanh_cell", t(2, 5), t(2, 7), t(7, 5), t(7, 7)),
    names("N in, _ _, gates in, gates hidden -> N hidden", "torch.rnn_relu_cell", t(2, 5), t(2, 7), t(7, 5), t(7, 7)),
    names("N in, M hidden, _ _, _ _ -> refused", "torch.gru_cell", t(2, 5), t(2, 7), t(21, 5), t(21, 7)),
    names("N in, _ hidden, _ _, _ _, _ _ -> N hidden, N hidden", "torch.lstm_cell", t(2, 5), [t(2, 7), t(2, 7)],
          t(28, 5), t(28, 7)),
)  # fmt: skip
