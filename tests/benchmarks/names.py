"""Measures what names cost over plain tensors: `python tests/benchmarks/names.py [--write docs/named-speed.md]`."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from interleave import Call, Series, interleave, table
from speed import Row, machine, micro
from torch import Tensor

from namedtorch import NamedTensor, contract, named

OPERATOR = 1e-6
ATTENTION = 1.3
LARGE = 0.02

NOTES = """\
Small tensors have 4 x 8 and 8 x 4 elements, the attention 2 sequences of 8 steps with 16 features. Plain and named
calls take turns of about 2 ms in one process (garbage collection off, one torch thread, warmed up); a difference or a
ratio is taken in each round, and the median of the rounds is given. ± is half the width of the middle half of the
rounds. The functions of torch (`torch.relu(x)`, `F.linear(x, w)`) ask NamedTensor by torch's own protocol, which alone
takes about a microsecond; methods and operators do not go that way.
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """A call with plain tensors and the same one with names."""

    what: str
    plain: Callable[..., Any]
    named: Callable[..., Any]
    dims: tuple[str, ...]
    tensors: tuple[Tensor, ...]
    barred: bool = False

    def calls(self) -> dict[str, Call]:
        carried = tuple(named(one, dims) for one, dims in zip(self.tensors, self.dims, strict=True))
        return {"plain": Call(self.plain, self.tensors), "named": Call(self.named, carried)}


def attention(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return ((q @ k.transpose(1, 2)) * 0.25).softmax(-1) @ v


def named_attention(q: NamedTensor, k: NamedTensor, v: NamedTensor) -> NamedTensor:
    return ((q @ k.transpose("S", "D")) * 0.25).softmax("S") @ v


def contracted_attention(q: NamedTensor, k: NamedTensor, v: NamedTensor) -> NamedTensor:
    return contract((contract(q, k, over="D") * 0.25).softmax("S"), v, over="S")


A, B = torch.randn(4, 8), torch.randn(8, 4)
SEQUENCES = (torch.randn(2, 8, 16), torch.randn(2, 8, 16), torch.randn(2, 8, 16))
LARGE_A, LARGE_B = torch.randn(512, 512), torch.randn(512, 512)

SMALL = (
    Pair("`x + y`", lambda x, y: x + y, lambda x, y: x + y, ("N C", "N C"), (A, A), True),
    Pair("`x * 2.0`", lambda x: x * 2.0, lambda x: x * 2.0, ("N C",), (A,)),
    Pair("`x.relu()`", lambda x: x.relu(), lambda x: x.relu(), ("N C",), (A,), True),
    Pair('`x.sum("C")`', lambda x: x.sum(1), lambda x: x.sum("C"), ("N C",), (A,), True),
    Pair("`x @ y`", lambda x, y: x @ y, lambda x, y: x @ y, ("N C", "C D"), (A, B), True),
    Pair('`x.softmax("C")`', lambda x: x.softmax(1), lambda x: x.softmax("C"), ("N C",), (A,)),
    Pair('`x.transpose("N", "C")`', lambda x: x.transpose(0, 1), lambda x: x.transpose("N", "C"), ("N C",), (A,)),
    Pair('`x["C", 0]`', lambda x: x[:, 0], lambda x: x["C", 0], ("N C",), (A,)),
    Pair("`x[0]`", lambda x: x[0], lambda x: x[0], ("N C",), (A,)),
    Pair(
        '`x.rearrange("N (h d) -> h N d", h=2)`', lambda x: x.reshape(4, 2, 4).permute(1, 0, 2),
        lambda x: x.rearrange("N (h d) -> h N d", h=2), ("N C",), (A,),
    ),
    Pair("`torch.relu(x)`", torch.relu, torch.relu, ("N C",), (A,)),
    Pair("`F.linear(x, w)`", F.linear, F.linear, ("N C", "D C"), (A, B.t().contiguous())),
)  # fmt: skip

WHOLE = (
    Pair("attention, `@`", attention, named_attention, ("N T D", "N S D", "N S D"), SEQUENCES, True),
    Pair("attention, `contract`", attention, contracted_attention, ("N T D", "N S D", "N S D"), SEQUENCES),
)

BIG = (
    Pair("`x + y`", lambda x, y: x + y, lambda x, y: x + y, ("N C", "N C"), (LARGE_A, LARGE_B), True),
    Pair("`x @ y`", lambda x, y: x @ y, lambda x, y: x @ y, ("N C", "C D"), (LARGE_A, LARGE_B), True),
    Pair('`x.softmax("C")`', lambda x: x.softmax(1), lambda x: x.softmax("C"), ("N C",), (LARGE_A,), True),
    Pair('`x.sum("C")`', lambda x: x.sum(1), lambda x: x.sum("C"), ("N C",), (LARGE_A,), True),
)


def measured(pair: Pair, rounds: int) -> tuple[Series, Series, Series]:
    """The plain call, and the difference and the ratio of the named one, by round."""
    seconds = interleave(pair.calls(), rounds)
    return seconds["plain"], seconds["named"].minus(seconds["plain"]), seconds["named"].over(seconds["plain"])


def report(rounds: int, say: Callable[[str], None]) -> str:
    """Measures everything and writes it up in Markdown."""
    bars: list[Row] = []
    rows: list[tuple[str, ...]] = []
    for pair in (*SMALL, *WHOLE):
        say(pair.what)
        plain, over, ratio = measured(pair, rounds)
        rows.append((pair.what, micro(plain), micro(over), f"{ratio.median:.2f}"))
        if pair.barred and pair in SMALL:
            bars.append(Row(pair.what, micro(over), "at most 1.0 us over", over.median / OPERATOR))
        elif pair.barred:
            bars.append(
                Row(pair.what, f"{ratio.median:.2f} times", "at most 1.3 times", ratio.median / ATTENTION)
            )
    for pair in BIG:
        say(f"{pair.what}, 512 x 512")
        plain, over, _ = measured(pair, rounds)
        share = over.median / plain.median
        what = f"{pair.what}, 512 x 512"
        rows.append((what, micro(plain), micro(over), f"{1 + share:.3f}"))
        bars.append(Row(what, f"{share * 100:.2f} %", "under 2 %", max(share, 0.0) / LARGE))
    return "\n".join(
        (
            "# The speed of names\n",
            "Written by `python tests/benchmarks/names.py --write docs/named-speed.md`; " + machine() + "\n",
            "## The bars\n",
            "The ratio says how much of the bar is used up: at most 1 holds.\n",
            table(("what", "measured", "bar", "ratio", "holds"), [row.cells() for row in bars]),
            "## Every call\n",
            table(("call", "plain", "over plain", "times plain"), rows),
            NOTES,
        )
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure what names cost over plain tensors.")
    parser.add_argument(
        "--write", type=Path, help="the file to write the tables to; they are printed in any case"
    )
    parser.add_argument("--rounds", type=int, default=150, help="how often the calls take turns")
    options = parser.parse_args()
    text = report(options.rounds, lambda what: print(f"measuring: {what}", file=sys.stderr, flush=True))
    print(text, end="")
    if options.write:
        options.write.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
