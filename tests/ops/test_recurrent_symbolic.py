"""Recurrent networks with symbols for sizes: what comes out, and what is blamed."""

from typing import Any

import pytest

from namedtorch.dims.unknown import Unknown
from tests.ops.symbols import dims as d
from tests.ops.symbols import module_gives
from tests.ops.written import size as s

C, H, L = s("C"), s("H"), s("L")
FIRST = {"batch_first": True}
BTC, TBC = d("B T C"), d("T B C")

NETWORKS: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[Any, ...], Any]] = [
    ("GRU", (C, H), FIRST, (BTC,), ("B T H", "1 B H")),
    ("GRU", (C, H), {}, (TBC,), ("T B H", "1 B H")),
    ("GRU", (C, H, L), {"bidirectional": True}, (TBC,), ("T B 2*H", "2*L B H")),
    ("GRU", (C, H, L), {"bidirectional": Unknown}, (TBC,), ("T B _", "_ B H")),
    ("GRU", (C, H, 2), {"batch_first": Unknown}, (TBC,), ("T B H", "2 _ H")),
    ("GRU", (C, H), {}, (d("T C"),), ("T H", "1 H")),
    ("GRU", (C, H), {}, (d("... C"),), ("... H", "1 ... H")),
    ("GRU", (C, H), {}, (d("..."),), ("... H", "1 ... H")),
    ("GRU", (C, H), {}, (Unknown,), ("?", "1 ... H")),
    ("GRU", (C, H), {}, (d("T B D"),), "contracted-dims-differ input[2]"),
    ("GRU", (C, H), {}, (d("T B _"),), ("T B H", "1 B H")),
    ("GRU", (C, H), {}, (d("C"),), "rank-unfit input"),
    ("GRU", (C, H), FIRST, (BTC, d("1 B H")), ("B T H", "1 B H")),
    ("GRU", (C, H), FIRST, (BTC, d("1 T H")), "hidden-differs hx[1]"),
    ("GRU", (C, H), FIRST, (BTC, d("1 B C")), "hidden-differs hx[2]"),
    ("GRU", (C, H, 2), FIRST, (BTC, d("1 B H")), "hidden-differs hx[0]"),
    ("GRU", (C, H), FIRST, (BTC, d("B H")), "hidden-differs hx"),
    ("GRU", (C, H), FIRST, (BTC, d("_ _ _")), ("B T H", "1 B H")),
    ("GRU", (C, H), FIRST, (BTC, (d("1 B H"), d("1 B H"))), "hidden-differs hx"),
    ("GRU", (C, H), FIRST, (BTC, Unknown), ("B T H", "1 B H")),
    ("GRU", (Unknown, Unknown), FIRST, (BTC,), ("B T _", "1 B _")),
    ("RNN", (C, H, 1, "relu"), FIRST, (BTC,), ("B T H", "1 B H")),
    ("LSTM", (C, H), FIRST, (BTC,), ("B T H", ("1 B H", "1 B H"))),
    ("LSTM", (C, H, L), {"bidirectional": True}, (TBC,), ("T B 2*H", ("2*L B H", "2*L B H"))),
    ("LSTM", (C, 64), {"proj_size": 16}, (TBC,), ("T B 16", ("1 B 16", "1 B 64"))),
    ("LSTM", (C, H), {"proj_size": s("P")}, (TBC,), ("T B _", ("1 B _", "1 B H"))),
    ("LSTM", (C, 16), {"proj_size": 16}, (TBC,), "window-unfit proj_size"),
    ("LSTM", (C, H), {}, (Unknown,), ("?", ("1 ... H", "1 ... H"))),
    ("LSTM", (C, H), FIRST, (BTC, (d("1 B H"), d("1 B H"))), ("B T H", ("1 B H", "1 B H"))),
    ("LSTM", (C, H), FIRST, (BTC, (d("1 B H"), d("1 T H"))), "hidden-differs hx[1][1]"),
    ("LSTM", (C, H), FIRST, (BTC, d("1 B H")), "hidden-differs hx"),
]

CELLS: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[Any, ...], Any]] = [
    ("GRUCell", (C, H), {}, (d("B C"),), "B H"),
    ("GRUCell", (C, H), {}, (d("C"),), "H"),
    ("GRUCell", (C, H), {}, (d("... C"),), "... H"),
    ("GRUCell", (C, H), {}, (Unknown,), "... H"),
    ("GRUCell", (C, H), {}, (d("B D"),), "contracted-dims-differ input[1]"),
    ("GRUCell", (C, H), {}, (BTC,), "rank-unfit input"),
    ("RNNCell", (C, H), {}, (d("B C"), d("B C")), "hidden-differs hx[1]"),
    ("RNNCell", (C, H), {}, (d("B C"), d("H")), "hidden-differs hx"),
    ("LSTMCell", (C, H), {}, (d("B C"),), ("B H", "B H")),
    ("LSTMCell", (C, H), {}, (d("B C"), (d("B H"), d("B C"))), "hidden-differs hx[1][1]"),
]


@pytest.mark.parametrize(("name", "made", "options", "given", "out"), [*NETWORKS, *CELLS])
def test_module(
    name: str, made: tuple[Any, ...], options: dict[str, Any], given: tuple[Any, ...], out: Any
) -> None:
    assert module_gives(f"torch.nn.{name}", made, options, *given) == out
