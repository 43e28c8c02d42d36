"""The plots of a report: SVG that stands in its page and takes the page's colours, light or dark."""

import html
import io
import math
import re
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from namedtorch.archive.inspect import bytes_text
from namedtorch.archive.sentence import one_line, printable
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.lower.latency import Timing
from namedtorch.lower.quantize.footprint import Footprint
from namedtorch.lower.quantize.latency_rows import Form, Latency
from namedtorch.lower.quantize.metrics import Change, Judgement, shown
from namedtorch.lower.quantize.noise import LayerNoise, ModelNoise
from namedtorch.lower.quantize.packages import needed

# Stand-ins, which become the colours of the page: `var(--ink)`.
_INK, _GRID, _FLOAT, _QUANTIZED, _GOOD, _BAD = (
    "#010100",
    "#010101",
    "#010102",
    "#010103",
    "#010104",
    "#010105",
)
_VARIABLES = {
    _INK: "ink",
    _GRID: "grid",
    _FLOAT: "float",
    _QUANTIZED: "quantized",
    _GOOD: "good",
    _BAD: "bad",
}

_SETTINGS: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "namedtorch",
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": _INK,
    # Names of users' layers are no formulas.
    "text.parse_math": False,
    "axes.edgecolor": _GRID,
    "axes.labelcolor": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.unicode_minus": False,
    "grid.color": _GRID,
    "grid.linewidth": 0.6,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "legend.frameon": False,
}

_MOST_LAYERS = 100
"""Layers that a plot shows; more are not told apart."""

_LONGEST = 36
"""Characters of a name that a plot shows."""

_MOST_TOLERANCES = 3.0
"""How many times the tolerance a bar shows."""

Drawn = tuple[str, str]
"""A plot as SVG, and what it shows in words; both empty where there is nothing to show."""

_NOTHING: Drawn = ("", "")


def drawn_sizes(before: Footprint, after: Footprint) -> Drawn:
    """The files and the memory of both models as bars."""
    pairs = [
        (f"file ({suffix})", before.files[suffix], size)
        for suffix, size in after.files.items()
        if suffix in before.files
    ]
    pairs.append(("weights in memory", before.memory, after.memory))

    def draw(figure: Any) -> None:
        axes = figure.add_subplot()
        for shift, colour, label, sizes in (
            (-0.19, _FLOAT, "float", [one for _, one, _ in pairs]),
            (0.19, _QUANTIZED, "quantized", [one for _, _, one in pairs]),
        ):
            places = [one + shift for one in range(len(pairs))]
            bars = axes.barh(places, [size / 1e6 for size in sizes], 0.36, color=colour, label=label)
            axes.bar_label(bars, [bytes_text(size) for size in sizes], padding=3)
        axes.set_yticks(range(len(pairs)), [pair[0] for pair in pairs])
        axes.invert_yaxis()
        axes.set_xlabel("MB")
        axes.margins(x=0.15)
        axes.grid(visible=False, axis="y")
        _legend(figure, axes)

    caption = "; ".join(f"{name} {bytes_text(one)} -> {bytes_text(two)}" for name, one, two in pairs)
    return _svg("size", caption, draw, 0.9 + 0.55 * len(pairs)), caption


def drawn_latency(found: Latency) -> Drawn:
    """The latency of all forms with its quartiles, and samples per second, at each size."""
    rows = found.rows
    if not rows:
        return _NOTHING
    forms = (
        (Form.FLOAT_EAGER, _FLOAT, "--", "float, eager"),
        (Form.FLOAT, _FLOAT, "-", "float"),
        (Form.QUANTIZED_EAGER, _QUANTIZED, "--", "quantized, eager"),
        (Form.QUANTIZED, _QUANTIZED, "-", "quantized"),
    )
    places = range(len(rows))

    def draw(figure: Any) -> None:
        times, rates = figure.subplots(1, 2)
        known = [one for one in forms if one[0] in rows[0].times]
        for place, (form, colour, line, label) in enumerate(known):
            timings = [row.times[form] for row in rows]
            # Side by side, so that the whiskers of one do not hide those of the next.
            middle = [one + (place - (len(known) - 1) / 2) * 0.06 for one in places]
            times.errorbar(
                middle,
                [one.median * 1e3 for one in timings],
                yerr=_whiskers(timings),
                color=colour,
                linestyle=line,
                marker="o",
                markersize=3.5,
                capsize=3,
                linewidth=1.3,
                label=label,
            )
        medians = [row.times[form].median for row in rows for form, *_ in known]
        if max(medians) > 10 * min(medians):
            times.set_yscale("log")
            # The usual ticks of such an axis are formulas.
            ticker = needed("matplotlib.ticker")
            times.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
            times.yaxis.set_major_formatter("{x:g}")
            times.yaxis.set_minor_formatter(ticker.NullFormatter())
        else:
            times.set_ylim(bottom=0)
        times.set_ylabel("ms a call")
        for shift, colour, timings in (
            (-0.19, _FLOAT, [row.before for row in rows]),
            (0.19, _QUANTIZED, [row.after for row in rows]),
        ):
            numbers = [one.samples_per_second for one in timings]
            rates.bar([one + shift for one in places], numbers, 0.36, color=colour)
        rates.set_ylabel("samples a second, as deployed")
        for axes in (times, rates):
            axes.set_xticks(places, [one_line(found.label(row), _LONGEST) for row in rows])
            axes.grid(visible=False, axis="x")
            axes.margins(x=0.25 if len(rows) == 1 else 0.1)
        _legend(figure, times)

    speeds = ", ".join(f"{row.speed:.2f} times as fast at {found.label(row)}" for row in rows)
    caption = f"median latency with its quartiles, and throughput; quantized is {speeds}"
    return _svg("latency", caption, draw, 3.3), caption


def drawn_metrics(found: Judgement) -> Drawn:
    """What each metric lost, in parts of what is tolerated: behind the line it is too much."""
    changes = found.changes

    def draw(figure: Any) -> None:
        axes = figure.add_subplot()
        lengths = [_tolerances(one) for one in changes]
        colours = [_GOOD if one.within else _BAD for one in changes]
        axes.barh(range(len(changes)), lengths, 0.55, color=colours)
        for place, one in enumerate(changes):
            text = f"{shown(one.before)} -> {shown(one.after)}"
            axes.text(1.01, place, text, transform=axes.get_yaxis_transform(), va="center")
        axes.axvline(1, color=_BAD, linewidth=1.2, linestyle="--")
        axes.axvline(0, color=_INK, linewidth=0.8)
        axes.set_xlim(min(-1.0, *(one - 0.3 for one in lengths)), max(1.5, *(one + 0.3 for one in lengths)))
        axes.set_yticks(range(len(changes)), [one_line(one.name, _LONGEST) for one in changes])
        axes.invert_yaxis()
        axes.set_xlabel(
            "loss, in tolerances (left of 0 is better than float; behind the dashed line is too much)"
        )
        axes.grid(visible=False, axis="y")

    worst = found.beyond
    caption = (
        "every metric is within its tolerance"
        if not worst
        else "beyond the tolerance: " + ", ".join(one.name for one in worst)
    )
    return _svg("metrics", caption, draw, 0.9 + 0.34 * len(changes)), caption


def drawn_layers(found: ModelNoise) -> Drawn:
    """The signal to noise of the layers in the order of the model; of very many those that cost most."""
    kept = {id(one) for one in found.costliest[:_MOST_LAYERS]}
    layers = [one for one in found.layers if id(one) in kept]
    kinds: list[tuple[str, str, str, Callable[[LayerNoise], float | UnknownType]]] = [
        ("so far: with all layers before", _FLOAT, "o", lambda one: one.cumulative.decibels),
        ("own: for float inputs", _GOOD, "D", lambda one: one.own.decibels),
        ("cost: the model's outputs", _QUANTIZED, "s", _cost),
    ]
    points = [[read(one) for one in layers] for *_, read in kinds]
    numbers = [one for group in points for one in group if one is not Unknown and math.isfinite(one)]
    if not numbers:
        return _NOTHING

    def draw(figure: Any) -> None:
        axes = figure.add_subplot()
        low, high = min(numbers), max(numbers)
        room = max(1.0, (high - low) * 0.05)
        for (label, colour, marker, _), group in zip(kinds, points, strict=True):
            heights = [
                (place, max(low - room, min(high + room, one)))
                for place, one in enumerate(group)
                if one is not Unknown
            ]
            axes.plot(
                [one for _, one in heights],
                [place for place, _ in heights],
                color=colour,
                marker=marker,
                markersize=4,
                linewidth=0.8,
                alpha=0.9,
                label=label,
            )
        axes.set_yticks(range(len(layers)), [one_line(one.path, _LONGEST) or "(the whole)" for one in layers])
        axes.tick_params(axis="y", labelsize=7 if len(layers) > 25 else 8)
        axes.set_ylim(len(layers) - 0.5, -0.5)
        axes.set_xlabel("signal to noise, dB (more is better)")
        _legend(figure, axes)

    first = found.costliest[0]
    share = found.share(first)
    part = "" if share is Unknown else f", {share:.0%} of the noise"
    caption = (
        "signal to noise of the outputs of each layer, in the order of the model; "
        f"{one_line(first.path) or 'the whole'} costs most{part}"
    )
    return _svg("layers", caption, draw, 1.1 + 0.19 * max(4, len(layers))), caption


def _cost(one: LayerNoise) -> float | UnknownType:
    return Unknown if one.output is Unknown else one.output.decibels


def _tolerances(change: Change) -> float:
    """The loss in tolerances, cut to what a bar shows."""
    if change.loss == 0:
        return 0.0
    if math.isnan(change.loss) or not change.tolerance:
        return _MOST_TOLERANCES if not change.loss < 0 else -_MOST_TOLERANCES
    return max(-_MOST_TOLERANCES, min(_MOST_TOLERANCES, change.loss / change.tolerance))


def _whiskers(timings: Sequence[Timing]) -> list[list[float]]:
    """How far the quartiles are from the medians, in milliseconds."""
    ends = [one.quartiles for one in timings]
    return [
        [(one.median - low) * 1e3 for one, (low, _) in zip(timings, ends, strict=True)],
        [(high - one.median) * 1e3 for one, (_, high) in zip(timings, ends, strict=True)],
    ]


def _legend(figure: Any, axes: Any) -> None:
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=4, fontsize=8)


def _svg(key: str, caption: str, draw: Callable[[Any], None], height: float) -> str:
    """What `draw` draws, `height` inches high, as an element of a page; its ids begin with `key`."""
    figures, style = needed("matplotlib.figure"), needed("matplotlib.style")
    # "default": the user's own settings are for the user's plots.
    with style.context(["default", _SETTINGS]), warnings.catch_warnings():
        # The browser has the fonts that count.
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font", UserWarning)
        figure = figures.Figure(figsize=(8.2, height), layout="constrained")
        draw(figure)
        out = io.StringIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(out, format="svg", transparent=True, metadata=nothing)
    text = out.getvalue()
    text = text[text.index("<svg") :]
    # matplotlib's rule is for all elements, and the page has others.
    text = re.sub(r"<defs>\s*<style[^>]*>[^<]*</style>\s*</defs>", "", text, count=1)
    text = re.sub(r"<metadata>.*?</metadata>", "", text, count=1, flags=re.DOTALL)
    text = re.sub(r'(\bid="|\bhref="#|url\(#)', rf"\g<1>{key}-", text)
    for stand_in, name in _VARIABLES.items():
        text = text.replace(stand_in, f"var(--{name})")
    opening, _, rest = text.partition(">")
    box = re.search(r'viewBox="[^"]*"', opening)
    assert box is not None
    label = html.escape(printable(caption), quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {box[0]} role="img" '
        f'aria-label="{label}" stroke-linejoin="round">{rest}'
    )
