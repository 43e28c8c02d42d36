"""Measures the bars of the project in one process: `python tests/benchmarks/speed.py [--write docs/speed.md]`."""

import argparse
import os
import platform
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from attend import ATTEND
from blend import BLEND
from interleave import Call, Series, each_once, interleave, table
from moments import (
    IMPORT,
    Bodiless,
    decorated,
    first_call,
    first_decoration,
    graphs,
    mobilenet,
    one_image,
    programs,
    refused,
    shown_refusal,
)
from subject import HAND_WRITTEN, JAXTYPING, NAMEDTORCH, PLAIN, Subject

from namedtorch import checking

LESS_THAN_JAXTYPING = 15.0
MORE_THAN_HAND_WRITTEN = 2.0
OFF = 0.15e-6
FAILING = 0.5e-3
DECORATION = 1e-3
IMPORTING = 60e-3
IN_GRAPH = 0.02

SUBJECTS = (BLEND, ATTEND)

NOTES = """\
The body of both functions does nothing, so that all that a call takes is the call and its checks; "over the plain
call" is the difference to the same function without any. What is compared runs in one process, in turns of about 2 ms
(garbage collection off, one torch thread, warmed up); a difference or a ratio is taken in each round, and the median
of the rounds is given. ± is half the width of the middle half of the rounds. "Hand-written ifs", the bar, have one
`if` for each rank and size of arguments and result and name the dim that is wrong, but check no types, which
namedtorch does; the other two rows of their kind check types too, or compare whole shapes and can't say what is wrong.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement: what, how much, the bar in words, how much of the bar it takes; no bar is 0 and ""."""

    what: str
    measured: str
    bar: str = ""
    used: float = 0.0

    def cells(self) -> tuple[str, ...]:
        if not self.bar:
            return self.what, self.measured, "", "", ""
        return self.what, self.measured, self.bar, f"{self.used:.2f}", "yes" if self.used <= 1 else "no"


@dataclass(frozen=True, slots=True)
class Overheads:
    """What a call of a subject takes over the plain one, in every form."""

    subject: Subject
    over_plain: dict[str, Series]

    def ratio(self, one: str, other: str) -> float:
        """How often the overhead of one form is that of another."""
        return self.over_plain[one].over(self.over_plain[other]).median

    def rows(self) -> list[tuple[str, ...]]:
        return [
            (self.subject.name, form, micro(series), f"{self.ratio(form, HAND_WRITTEN):.2f}")
            for form, series in self.over_plain.items()
        ]


def overheads(subject: Subject, rounds: int) -> Overheads:
    """Measures all forms of a subject."""
    calls = {form: Call(function, subject.arguments) for form, function in subject.functions.items()}
    seconds = interleave(calls, rounds)
    plain = seconds.pop(PLAIN)
    return Overheads(subject, {form: series.minus(plain) for form, series in seconds.items()})


def call_bars(found: Overheads) -> list[Row]:
    name = found.subject.name
    less = found.ratio(JAXTYPING, NAMEDTORCH)
    more = found.ratio(NAMEDTORCH, HAND_WRITTEN)
    return [
        Row(
            f"{name}: less overhead than jaxtyping and beartype",
            f"{less:.1f} times",
            f"at least {LESS_THAN_JAXTYPING:.0f} times",
            LESS_THAN_JAXTYPING / less,
        ),
        Row(
            f"{name}: overhead against hand-written ifs",
            f"{more:.2f} times",
            f"at most {MORE_THAN_HAND_WRITTEN:.0f} times",
            more / MORE_THAN_HAND_WRITTEN,
        ),
    ]


def off_bar(subject: Subject, rounds: int) -> Row:
    forms = (PLAIN, NAMEDTORCH)
    with checking("off"):
        seconds = interleave(
            {form: Call(subject.functions[form], subject.arguments) for form in forms}, rounds
        )
    over = seconds[NAMEDTORCH].minus(seconds[PLAIN])
    return Row(
        f"{subject.name}: checks off, over the plain call", micro(over), "at most 0.15 us", over.median / OFF
    )


def refusal_rows(subject: Subject, rounds: int) -> list[Row]:
    calls = {"caught": Call(refused, (subject,)), "shown": Call(shown_refusal, (subject,))}
    seconds = interleave(calls, rounds)
    name = subject.name
    return [
        Row(
            f"{name}: a failing call",
            milli(seconds["caught"]),
            "under 0.5 ms",
            seconds["caught"].median / FAILING,
        ),
        Row(f"{name}: a failing call and the text of its error", milli(seconds["shown"])),
    ]


def decoration_rows(rounds: int) -> list[Row]:
    decoration = each_once(lambda: Call(decorated), rounds)
    first = each_once(lambda: first_call(ATTEND.arguments), rounds)
    return [
        Row(
            "a decoration, of texts never seen before",
            milli(decoration),
            "under 1 ms",
            decoration.median / DECORATION,
        ),
        Row("the first decoration of a process, with its parser", f"{first_decoration() * 1e3:.0f} ms"),
        Row("the first call, in which the guard is written", milli(first)),
    ]


def import_row() -> Row:
    imported, bare = programs(IMPORT, "pass")
    over = imported.minus(bare)
    return Row(
        "`import namedtorch`, which loads no torch", milli(over), "under 60 ms", over.median / IMPORTING
    )


def graph_rows(rounds: int) -> list[Row]:
    """The guard in a graph: around MobileNetV2, and around nothing, which is what can be told from noise."""
    image = one_image()
    guarded, bare = graphs(mobilenet())
    guarded_alone, bare_alone = graphs(Bodiless())
    with torch.no_grad():
        whole = interleave(
            {"guarded": Call(guarded, (image,)), "bare": Call(bare, (image,))}, max(30, rounds // 2)
        )
        alone = interleave(
            {"guarded": Call(guarded_alone, (image,)), "bare": Call(bare_alone, (image,))}, rounds
        )
    share = whole["guarded"].over(whole["bare"])
    more = Series(tuple(one - 1 for one in share.values))
    guard = alone["guarded"].minus(alone["bare"])
    inference = whole["bare"].median
    return [
        Row(
            f"MobileNetV2 in TorchScript, one image of {image.shape[2]}x{image.shape[3]}: guarded against not",
            f"{more.median * 100:.2f} ± {more.spread * 50:.2f} %",
            "under 2 %",
            max(more.median, 0.0) / IN_GRAPH,
        ),
        Row(
            f"the same guard around an empty body, in {inference * 1e3:.1f} ms of MobileNetV2",
            f"{guard.median * 1e6:.2f} ± {guard.spread * 5e5:.2f} us: {guard.median / inference * 100:.3f} %",
            "under 2 %",
            max(guard.median, 0.0) / inference / IN_GRAPH,
        ),
    ]


def micro(series: Series) -> str:
    return f"{series.median * 1e6:.3f} ± {series.spread * 5e5:.3f} us"


def milli(series: Series) -> str:
    return f"{series.median * 1e3:.3f} ± {series.spread * 5e2:.3f} ms"


def report(rounds: int, say: Callable[[str], None]) -> str:
    """Measures everything and writes it up in Markdown."""
    found: list[Overheads] = []
    bars: list[Row] = []
    for subject in SUBJECTS:
        say(f"calls of {subject.name}")
        found.append(overheads(subject, rounds))
        bars += call_bars(found[-1])
    for subject in SUBJECTS:
        bars.append(off_bar(subject, rounds))
    say("refusals")
    bars += refusal_rows(ATTEND, rounds)
    say("decoration")
    bars += decoration_rows(rounds)
    say("import")
    bars.append(import_row())
    say("graphs")
    bars += graph_rows(rounds)
    forms = [row for one in found for row in one.rows()]
    functions = [f"- `{subject.name}`: `{subject.signature}`" for subject in SUBJECTS]
    parts = [
        "# Speed\n",
        "Written by `python tests/benchmarks/speed.py --write docs/speed.md`; " + machine() + "\n",
        "## The bars\n",
        "The ratio says how much of the bar is used up: at most 1 holds.\n",
        table(("what", "measured", "bar", "ratio", "holds"), [row.cells() for row in bars]),
        "## A call, over the plain call\n",
        "\n".join(functions) + "\n",
        table(("function", "checked by", "over the plain call", "times hand-written ifs"), forms),
        NOTES,
    ]
    return "\n".join(parts)


def machine() -> str:
    """What it was measured on, without names."""
    return (
        f"{os.cpu_count()} CPUs ({platform.machine()}), Python {platform.python_version()}, "
        f"torch {torch.__version__}; load {os.getloadavg()[0]:.1f} as it ended."
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the speed of checks, in ratios.")
    parser.add_argument(
        "--write", type=Path, help="the file to write the tables to; they are printed in any case"
    )
    parser.add_argument("--rounds", type=int, default=200, help="how often the calls take turns")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", "`torch.jit", DeprecationWarning)
    text = report(options.rounds, lambda what: print(f"measuring: {what}", file=sys.stderr, flush=True))
    print(text, end="")
    if options.write:
        options.write.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
