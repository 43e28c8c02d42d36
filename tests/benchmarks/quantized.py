"""Measures quantized models: `python tests/benchmarks/quantized.py [PART ...] [--write docs/quantized-speed.md]`."""

import argparse
import platform
import sys
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from interleave import Series, table
from quantized_digits import DIGITS, accuracies, accuracy_bars
from quantized_forms import (
    ARCHIVE,
    EAGER,
    FLOAT,
    FLOAT_GRAPH,
    FLOAT_MOBILE,
    GRAPH,
    GUARDED,
    HAND,
    LITE,
    SUBJECTS,
    Measured,
    measured,
    mobile,
    parts,
)
from speed import Row, machine, milli

MOBILE = "mobile"
MOBILE_FASTER = 1.5
"""How many times as fast as eager mode the float MobileNetV2 has to be, frozen and channels-last."""

MEGABYTE = 1e6

INSTRUCTIONS = ("avx512_vnni", "avx_vnni", "amx_int8", "asimddp", "i8mm")
"""What a processor may have to multiply integers of 8 bits, as Linux spells it."""

NOTES = """\
A ratio is one of this machine: on another one, with other instructions for integers, another number of threads or other
caches, ratios differ. Weights are random and sizes are those of the papers: neither time nor size asks for more, and
accuracy is measured on the digits. One image of 3 x 224 x 224, one text of 50 words, 32 tokens of 512 features.

Forms take turns in one process (garbage collection off, no gradients, warmed up, TorchScript's optimisations
included); a ratio is taken in each round. Given are the median of the rounds and the quartiles. "Float, eager" is the
model as plain torch, without its guards, "guards on" as namedtorch calls it. "Int8, scripted, frozen" was saved and
loaded by `namedtorch.load`, guards in Python and in its graph included. "By torch.ao alone" is what torch's own tools
give by hand, without names and guards: the dynamic ones traced, the static ones scripted, both frozen.

The error is the distance between the results of a quantized model and of the float one, as a share of the latter's
length: a check that the two do the same, with random weights no measure of what is lost.

Files are those of `lower(model).save(...)` and of `lower(quantized).freeze().save(...)`, manifests included.

The steps are the calls of `prepare`, of the prepared model with 4 batches of one, of `convert` (of `quantize` for the
dynamic ones), `lower` without its verification, and so on; "lower, verified" is all of `lower` again. `prepare` and
the dynamic `quantize` hold what they make against the float model on inputs that they draw, which torch's own do not.
"""

STEPS = ("prepare", "calibrate", "convert", "lower", "freeze", "save", "load", "lower, verified")


def times(series: Series) -> str:
    """A ratio with its quartiles."""
    low, high = series.quartiles
    return f"{series.median:.2f} ({low:.2f} to {high:.2f})"


def megabytes(size: int) -> str:
    return f"{size / MEGABYTE:.2f} MB"


def bars(found: Measured) -> list[Row]:
    """What a model has to hold."""
    subject, rows = found.subject, list[Row]()
    if subject.faster is not None:
        ratio = found.faster(GRAPH)
        rows.append(
            Row(
                f"{subject.what}: times as fast as float in eager mode",
                times(ratio),
                f"at least {subject.faster:g}",
                subject.faster / ratio.median,
            )
        )
    change = f"{megabytes(found.float_bytes[ARCHIVE])} -> {megabytes(found.bytes[ARCHIVE])}"
    if subject.smaller is not None:
        rows.append(
            Row(
                f"{subject.what}: share of the size",
                f"{found.share:.3f}: {change}",
                f"at most {subject.smaller:g}",
                found.share / subject.smaller,
            )
        )
    if subject.megabytes is not None:
        used = found.bytes[ARCHIVE] / MEGABYTE / subject.megabytes
        rows.append(Row(f"{subject.what}: size of the file", change, f"under {subject.megabytes:g} MB", used))
    return rows


def mobile_bar(calls: dict[str, Series]) -> Row:
    ratio = calls[FLOAT].over(calls[FLOAT_MOBILE])
    return Row(
        "MobileNetV2 in float, frozen, channels-last: times as fast as eager",
        times(ratio),
        f"at least {MOBILE_FASTER:g}",
        MOBILE_FASTER / ratio.median,
    )


def speed_table(all_found: Sequence[Measured]) -> str:
    """Milliseconds of the float model, and how many times as fast each form is."""
    forms = (GUARDED, FLOAT_GRAPH, EAGER, GRAPH, HAND)
    rows = [
        (
            found.subject.what,
            milli(found.calls[FLOAT]),
            *(times(found.faster(form)) if form in found.calls else "" for form in forms),
        )
        for found in all_found
    ]
    return table(("model", FLOAT, *forms), rows)


def size_table(all_found: Sequence[Measured]) -> str:
    """Files of both suffixes."""
    rows: list[tuple[str, ...]] = []
    for found in all_found:
        cells: list[str] = []
        for suffix in (ARCHIVE, LITE):
            before, after = found.float_bytes[suffix], found.bytes[suffix]
            cells.append(f"{megabytes(before)} -> {megabytes(after)}, {after / before:.3f}")
        rows.append((found.subject.what, *cells))
    return table(("model", f".{ARCHIVE}", f".{LITE}"), rows)


def step_table(all_found: Sequence[Measured]) -> str:
    """Seconds of namedtorch's steps, and of torch's own."""
    own = ("prepare", "calibrate", "convert", "script")
    rows = [
        (
            found.subject.what,
            *(_seconds(found.steps.get(step)) for step in STEPS),
            *(_seconds(found.steps_by_hand.get(step)) for step in own),
        )
        for found in all_found
    ]
    return table(("model", *STEPS, *(f"torch: {step}" for step in own)), rows)


def result_table(all_found: Sequence[Measured]) -> str:
    """How far results are from those of the float model, the operators, and layers with weights that stayed float."""
    rows: list[tuple[str, ...]] = []
    for found in all_found:
        cells: list[str] = []
        for form in (GRAPH, HAND):
            one = found.results.get(form)
            told = ("", "") if one is None else (f"{one.error:.3f}", f"{one.quantized}, {one.conversions}")
            cells += told
        rows.append((found.subject.what, *cells, ", ".join(f"`{path}`" for path in found.stayed) or "none"))
    header = ("model", "error", "operators on integers, conversions")
    by_hand = tuple(f"{one}, {HAND.removeprefix('int8 ')}" for one in header[1:])
    return table((*header, *by_hand, "layers that stayed float"), rows)


def talk_table(all_found: Sequence[Measured]) -> str:
    """What talks of torch's developers showed, beside what is measured here."""
    rows = [
        (
            found.subject.what,
            found.subject.talk,
            f"{found.faster(GRAPH).median:.1f} times",
            f"{megabytes(found.float_bytes[ARCHIVE])} -> {megabytes(found.bytes[ARCHIVE])}",
        )
        for found in all_found
        if found.subject.talk
    ]
    return table(("model", "in the talks", "as fast here", "size here"), rows)


def processor() -> str:
    """The model of the processor and its instructions for 8-bit integers, as far as Linux tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    fields = dict(line.split(":", 1) for line in reversed(lines) if ":" in line)
    told = {name.strip(): value.strip() for name, value in fields.items()}
    flags = (told.get("flags") or told.get("Features") or "").split()
    having = [one for one in INSTRUCTIONS if one in flags]
    name = told.get("model name", platform.machine())
    return f"{name}, {'with ' + ', '.join(having) if having else 'without instructions for 8-bit integers'}"


def report(wanted: Iterable[str], rounds: int, threads: int) -> str:
    """Measures the parts that are wanted, and writes them up in Markdown."""
    chosen = set(wanted)
    all_found: list[Measured] = []
    rows: list[Row] = []
    sections: list[str] = []
    for subject in SUBJECTS:
        if subject.part in chosen:
            say(f"measuring: {subject.what}")
            all_found.append(measured(subject, rounds, threads))
            held = bars(all_found[-1])
            for row in held:
                say(f"  {row.what}: {row.measured}")
            rows += held
    if MOBILE in chosen:
        say("measuring: MobileNetV2 in float, for mobiles")
        rows.append(mobile_bar(mobile(rounds, threads)))
    if all_found:
        sections += ["## Speed\n", speed_table(all_found), "## Size\n", size_table(all_found)]
        sections += [
            "## Seconds of each step\n",
            step_table(all_found),
            "## Results\n",
            result_table(all_found),
        ]
        if any(found.subject.talk for found in all_found):
            sections += ["## Beside the talks\n", talk_table(all_found)]
    if DIGITS in chosen:
        say("measuring: digits")
        found = accuracies()
        rows += accuracy_bars(found)
        sections += ["## Accuracy\n", found.text()]
    command = "python tests/benchmarks/quantized.py --write docs/quantized-speed.md"
    return "\n".join(
        (
            "# Quantized models: speed, size, accuracy\n",
            f"Written by `{command}`; {processor()}; {threads} threads; {machine()}\n",
            "## The bars\n",
            "The ratio says how much of the bar is used up: at most 1 holds.\n",
            table(("what", "measured", "bar", "ratio", "holds"), [row.cells() for row in rows]),
            *sections,
            NOTES,
        )
    )


def say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f} s"


def main() -> int:
    every = (*parts(), MOBILE, DIGITS)
    parser = argparse.ArgumentParser(description="Measure quantized models against float ones.")
    parser.add_argument("part", nargs="*", help=f"what to measure: {', '.join(every)}; all without")
    parser.add_argument(
        "--write", type=Path, help="the file to write the tables to; they are printed in any case"
    )
    parser.add_argument("--rounds", type=int, default=60, help="how often the calls take turns")
    parser.add_argument("--threads", type=int, default=2, help="threads of torch")
    options = parser.parse_args()
    unknown = [one for one in options.part if one not in every]
    if unknown:
        parser.error(f"no part is called {unknown[0]!r}: there are {', '.join(every)}")
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    warnings.filterwarnings("ignore", category=UserWarning, module=r"torch\.")
    warnings.filterwarnings(
        "ignore", "The TorchScript type system doesn't support instance-level", UserWarning
    )
    torch.set_num_threads(options.threads)
    text = report(options.part or every, options.rounds, options.threads)
    print(text, end="")
    if options.write:
        options.write.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
