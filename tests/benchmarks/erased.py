"""Measures erased code: `python tests/benchmarks/erased.py [--write docs/erased-speed.md]`."""

import argparse
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from interleave import Call, Series, interleave, table
from named_models import (
    AGAIN,
    ERASE,
    ERASED,
    HAND,
    LOWERED,
    NAMES,
    ROOT,
    UNGUARDED,
    agree,
    imported,
    subjects,
)
from speed import Row, machine, milli

import namedtorch
from namedtorch import lower

BY_HAND = 0.02
"""How far erased code may be from what is written by hand, as a share."""

SCRIPTED = 1.5
"""How many times as fast as eager mode a scripted LSTM of one's own has to be."""

LOWERING = 10.0
"""Seconds that lowering a MobileNetV2 may take, verification left out."""

HIDDEN, LAYERS, STEPS = 64, 2, 20
BATCHES = (1, 4, 16)

LOWER = """
import time, torch
from mobilenet_v2 import random_mobilenet_v2
from namedtorch import lower
torch.set_num_threads(1)
model = random_mobilenet_v2()
start = time.perf_counter()
lower(model, verify={verify})
print(time.perf_counter() - start)
"""
"""A program that prints the seconds of the first lowering of a process."""

NOTES = """\
The models are those of `tests/models`, with names, and of `tests/models/by_hand`, in positions; both have the same
weights in memory and give the same numbers, which is asserted first. Forms take turns in one process (garbage
collection off, one torch thread, no gradients, warmed up, TorchScript's optimisations included); a ratio is taken in
each round, and the median of the rounds is given. ± is half the width of the middle half of the rounds. The second copy
of the hand-written model is the measure of the noise: code that is the same.

"Erased code" is what the names became. `erase(model)` has the boundary, too: its argument is a NamedTensor, which is
checked, and so is its result. `lower(model)` has the guard in its graph, for which "no guards" leaves it out. "As it is
written" carries names through every operator.

The LSTM of one's own is that of `examples/custom_lstm.py`, a loop over time in Python. Lowering is the first one of a
process, which imported torch and namedtorch before.
"""


def ratios(calls: Mapping[str, Call], rounds: int) -> tuple[Series, dict[str, Series]]:
    """Seconds of the form by hand, and how many times that each other form takes, by round."""
    agree(calls)
    seconds = interleave(calls, rounds)
    hand = seconds.pop(HAND)
    return hand, {form: series.over(hand) for form, series in seconds.items()}


def times(series: Series) -> str:
    """A ratio, with how far the rounds are apart."""
    return f"{series.median:.3f} ± {series.spread / 2:.3f}"


def bar(what: str, ratio: Series) -> Row:
    """The bar of erased code against what is written by hand; being faster than that is no aim, either."""
    return Row(what, f"{times(ratio)} times", "0.98 to 1.02 times", abs(ratio.median - 1) / BY_HAND)


def recurrent(batch: int, rounds: int) -> dict[str, Series]:
    """Seconds of an LSTM of one's own in eager mode, by hand and with names, and scripted from names."""
    example = imported("custom_lstm")
    torch.manual_seed(0)
    network = example.StackedLSTM(HIDDEN, HIDDEN, LAYERS).eval()
    graph = lower(network, verify=False).module
    x = namedtorch.randn(N=batch, T=STEPS, D=HIDDEN)
    calls = {
        HAND: Call(example.NetworkByHand(network), (x.tensor,)),
        NAMES: Call(network, (x,)),
        LOWERED: Call(graph, (x.tensor,)),
    }
    for _ in range(5):
        graph(x.tensor)
    agree(calls)
    return interleave(calls, rounds)


def lowering(verify: bool, rounds: int) -> Series:
    """Seconds of lowering a MobileNetV2, in processes of their own."""
    path = os.pathsep.join((str(ROOT), str(ROOT / "examples")))
    command = [sys.executable, "-W", "ignore", "-c", LOWER.format(verify=verify)]
    environment = {**os.environ, "PYTHONPATH": path}
    return Series(
        tuple(
            float(subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout)
            for _ in range(rounds)
        )
    )


def seconds_of(series: Series) -> str:
    return f"{series.median:.2f} s, {min(series.values):.2f} to {max(series.values):.2f}"


def compared(
    forms: Sequence[str],
    calls_of: Callable[[int], Mapping[str, Call]],
    barred: Sequence[str],
    mode: str,
    rounds: int,
) -> tuple[list[Row], str]:
    """The bars of all subjects in one mode, and the table of all forms."""
    bars: list[Row] = []
    rows: list[tuple[str, ...]] = []
    for place, subject in enumerate(subjects()):
        print(f"measuring: {subject.what}, {mode}", file=sys.stderr, flush=True)
        hand, others = ratios(calls_of(place), rounds)
        bars += [bar(f"{subject.what}, {mode}: {form}", others[form]) for form in barred]
        rows.append((subject.what, milli(hand), *(times(others[form]) for form in forms)))
    return bars, table(("model", HAND, *forms), rows)


def report(rounds: int) -> str:
    """Measures everything and writes it up in Markdown."""
    eager_bars, eager = compared(
        (AGAIN, ERASED, ERASE, NAMES),
        lambda place: subjects()[place].eager(),
        (ERASED, ERASE),
        "eager",
        rounds,
    )
    graph_bars, graphs = compared(
        (AGAIN, LOWERED, UNGUARDED),
        lambda place: subjects()[place].scripted(),
        (LOWERED,),
        "scripted",
        rounds,
    )
    bars = [*eager_bars, *graph_bars]
    rows: list[tuple[str, ...]] = []
    for batch in BATCHES:
        print(f"measuring: a scripted LSTM, batch {batch}", file=sys.stderr, flush=True)
        found = recurrent(batch, rounds)
        over_hand, over_names = (found[form].over(found[LOWERED]) for form in (HAND, NAMES))
        rows.append(
            (str(batch), *map(milli, found.values()), f"{over_hand.median:.2f}", f"{over_names.median:.2f}")
        )
        if batch == 1:
            what = f"LSTM scripted from names, hidden {HIDDEN}, batch 1, against eager by hand"
            measured = f"{over_hand.median:.2f} ± {over_hand.spread / 2:.2f} times as fast"
            bars.append(Row(what, measured, "at least 1.5 times", SCRIPTED / over_hand.median))
    print("measuring: lowering", file=sys.stderr, flush=True)
    bare, verified = lowering(False, 5), lowering(True, 5)
    bars.append(
        Row(
            "lowering MobileNetV2, verification left out",
            seconds_of(bare),
            "under 10 s",
            bare.median / LOWERING,
        )
    )
    bars.append(Row("lowering MobileNetV2, verified", seconds_of(verified)))
    return "\n".join(
        (
            "# The speed of erased code\n",
            "Written by `python tests/benchmarks/erased.py --write docs/erased-speed.md`; " + machine() + "\n",
            "## The bars\n",
            "The ratio says how much of the bar is used up: at most 1 holds.\n",
            table(("what", "measured", "bar", "ratio", "holds"), [row.cells() for row in bars]),
            "## Eager\n",
            "Times of the code that is written by hand.\n",
            eager,
            "## Scripted\n",
            "Times of the graph of the code that is written by hand.\n",
            graphs,
            "## A loop over time\n",
            f"Hidden {HIDDEN}, {LAYERS} layers, {STEPS} steps.\n",
            table(
                (
                    "batch", "eager, by hand", "eager, with names", "scripted from names",
                    "faster than by hand", "faster than with names",
                ),
                rows,
            ),
            NOTES,
        )
    )  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure erased code against code that is written by hand.")
    parser.add_argument(
        "--write", type=Path, help="the file to write the tables to; they are printed in any case"
    )
    parser.add_argument("--rounds", type=int, default=100, help="how often the calls take turns")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", message=r"`torch\.jit\.\w+` is deprecated", category=DeprecationWarning)
    with torch.no_grad():
        text = report(options.rounds)
    print(text, end="")
    if options.write:
        options.write.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
