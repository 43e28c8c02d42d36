"""The tables of a report: what people read of it, on a terminal and on its page alike."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from namedtorch.archive.inspect import bytes_text
from namedtorch.archive.quantization import LayerScheme, Quantization
from namedtorch.archive.sentence import one_line
from namedtorch.diagnostics.table import duration, rate, spread
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.lower.latency import Timing
from namedtorch.lower.quantize.footprint import Footprint
from namedtorch.lower.quantize.latency_rows import Form, Latency, Left, Row, sizes_text
from namedtorch.lower.quantize.metrics import Change, Judgement, shown
from namedtorch.lower.quantize.noise import LayerNoise, ModelNoise

_LONGEST = 60
"""Characters of a name that a table shows."""


_MOSTLY = 0.5
"""The part of the noise that layers explain where nothing is said of it."""


@dataclass(frozen=True, slots=True)
class Table:
    """Cells of text under a header; columns in `right` are numbers, rows in `bad` are what a reader has to see.

    `notes` are sentences below it.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[int, ...] = ()
    bad: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


def size_table(before: Footprint, after: Footprint) -> Table:
    """What both models take: files by suffix, memory, numbers."""
    rows: list[tuple[str, ...]] = []
    for suffix in dict.fromkeys((*before.files, *after.files)):
        sizes = [one.files.get(suffix) for one in (before, after)]
        rows.append((f"file ({suffix})", *(_bytes(size) for size in sizes), _ratio(*sizes)))
    rows.append(
        (
            "weights in memory",
            bytes_text(before.memory),
            bytes_text(after.memory),
            _ratio(before.memory, after.memory),
        )
    )
    rows.append(
        ("numbers", f"{before.numbers:,}", f"{after.numbers:,}", _ratio(before.numbers, after.numbers))
    )
    notes = tuple(
        f"no {suffix} file of the {which} model: {why}"
        for which, one in (("float", before), ("quantized", after))
        for suffix, why in one.unsaved.items()
    )
    return Table("Size", ("", "float", "quantized", "ratio"), tuple(rows), (1, 2, 3), notes=notes)


def latency_table(found: Latency) -> Table:
    """How long both models take at each size, with the quartiles, and samples per second."""
    header = ("", "float", "quantized", "faster", "samples/s", "eager", "over eager")
    rows = tuple(_times(found, row) for row in found.rows)
    notes: list[str] = []
    if found.rows:
        lowered = Form.QUANTIZED in found.rows[0].times
        form = (
            "float and quantized are scripted and frozen, as they are deployed; eager is Python, over eager the "
            "deployed quantized model against float in Python"
            if lowered
            else "all is Python, as the models were not lowered"
        )
        count = min(len(one.seconds) for row in found.rows for one in row.times.values())
        threads = f"{found.threads} thread{'s' * (found.threads != 1)}"
        sizes = f"With {sizes_text(found.common)}: " if found.common else ""
        notes.append(
            f"{sizes}{form}. Medians and quartiles of {count} rounds, all forms in turns after {found.burn_in} that do "
            f"not count, on {threads}; the ratios are medians of the rounds' own."
        )
    notes += [f"left out: {text}" for text in _left_out(found.left)]
    return Table("Latency", header, rows, tuple(range(1, len(header))), notes=tuple(notes))


def _times(found: Latency, row: Row) -> tuple[str, ...]:
    eager = [row.times[form] for form in (Form.FLOAT_EAGER, Form.QUANTIZED_EAGER)]
    return (
        found.label(row),
        _spread(row.before),
        _spread(row.after),
        f"{row.speed:.2f}x",
        " -> ".join(rate(one.samples_per_second) for one in (row.before, row.after)),
        " -> ".join(duration(one.median) for one in eager),
        f"{row.speed_over_eager:.2f}x",
    )


def metric_table(found: Judgement) -> Table:
    """Every metric of both models; those that lost more than is tolerated are marked."""
    rows = tuple(
        (
            one_line(change.name, _LONGEST),
            shown(change.before),
            shown(change.after),
            _difference(change),
            shown(change.tolerance),
            "within" if change.within else "TOO MUCH IS LOST",
        )
        for change in found.changes
    )
    bad = tuple(place for place, change in enumerate(found.changes) if not change.within)
    header = ("", "float", "quantized", "difference", "tolerated loss", "")
    return Table("Metrics", header, rows, (1, 2, 3, 4), bad)


def layer_table(found: ModelNoise, layers: Mapping[str, LayerScheme], most: int | None = None) -> Table:
    """The noise of the layers, those first that cost most; `most` of them."""
    costliest = found.costliest
    listed = costliest if most is None or len(costliest) <= most + 1 else costliest[:most]
    rows = tuple(_layer(found, one, layers.get(one.path)) for one in listed)
    notes = [
        f"Signal to noise of the outputs, on {_samples(found.samples)}: {decibels(found.outputs.decibels)}."
        + (" 20 dB are noise of a hundredth of the power, 40 dB of a ten-thousandth." if rows else "")
    ]
    if found.outputs.apart:
        notes.append(
            f"{found.outputs.apart} tensors of the outputs have other sizes than in float and could not be compared."
        )
    if found.outputs.nans:
        notes.append(
            f"The float model itself gives NaN for these inputs, {found.outputs.nans:,} times, and what a NaN leads "
            "to says nothing: quantize with data, or an example=, that it takes."
        )
    if rows:
        notes.append(
            "cost: the outputs if this layer alone is quantized, and its share in the noise of all such; own: its own "
            "outputs for float inputs; so far: its outputs in the quantized model, with the noise of the layers before."
        )
    if found.explained is not Unknown and found.explained < _MOSTLY:
        notes.append(
            f"The layers explain {found.explained:.0%} of this noise: the rest is of functions between them that are "
            "quantized as well, such as sums, means and concatenations."
        )
    if len(listed) < len(costliest):
        notes.append(f"... and {len(costliest) - len(listed)} more, all in .noise.costliest")
    if found.silent:
        names = ", ".join(one_line(path, _LONGEST) for path in found.silent[:4])
        more = f" and {len(found.silent) - 4} more" if len(found.silent) > 4 else ""
        notes.append(f"without numbers of their own, as no call reaches them as modules: {names}{more}")
    header = ("layer", "kind", "scheme", "cost", "share", "own", "so far", "")
    return Table("Layers that cost most", header, rows, (3, 4, 5, 6), notes=tuple(notes))


def _layer(found: ModelNoise, one: LayerNoise, scheme: LayerScheme | None) -> tuple[str, ...]:
    share = found.share(one)
    kind = one.kind if scheme is None else " ".join((scheme.kind, *scheme.fused))
    return (
        one_line(one.path, _LONGEST) or "(the whole)",
        one_line(kind, _LONGEST),
        "" if scheme is None else scheme_text(scheme),
        "-" if one.output is Unknown else decibels(one.output.decibels),
        "-" if share is Unknown else f"{share:.1%}",
        decibels(one.own.decibels),
        decibels(one.cumulative.decibels),
        "; ".join(_remarks(found, one)),
    )


def _remarks(found: ModelNoise, one: LayerNoise) -> Iterator[str]:
    if one.calls > found.samples:
        yield f"{one.calls} calls"
    if one.own.broken or one.cumulative.broken:
        yield "gives numbers that are not finite"
    if one.why:
        yield one_line(one.why)


def scheme_table(done: Quantization) -> Table:
    """How each layer was quantized, and along which dim."""
    rows = tuple(
        (
            one_line(path, _LONGEST) or "(the whole)",
            one.kind,
            ", ".join(one.fused),
            one.weight or "-",
            one.activation or "float",
            _granularity(one),
        )
        for path, one in done.layers.items()
    )
    header = ("layer", "kind", "took in", "weights", "activations", "scales")
    return Table("Quantized layers", header, rows)


def stayed_table(done: Quantization) -> Table:
    """Which layers stayed float, by the reason."""
    reasons: dict[str, list[str]] = {}
    for path, why in done.stayed.items():
        reasons.setdefault(why, []).append(one_line(path, _LONGEST) or "(the whole)")
    rows = tuple((one_line(why), ", ".join(paths)) for why, paths in reasons.items())
    notes = () if rows else ("No layer with weights stayed float.",)
    return Table("Stayed float", ("why", "layers"), rows, notes=notes)


def scheme_text(one: LayerScheme) -> str:
    """A scheme in few words: `qint8 per out`."""
    return f"{one.weight or 'no weights'}, {_granularity(one)}"


def _granularity(one: LayerScheme) -> str:
    if not one.weight or one.scheme == "per_tensor":
        return "per tensor"
    return f"per {one.dim}" if one.dim else f"per channel (axis {one.axis})"


def decibels(ratio: float | UnknownType) -> str:
    """A ratio of signal to noise as people read it."""
    if ratio is Unknown:
        return "-"
    if math.isinf(ratio):
        return "exact" if ratio > 0 else "lost"
    return f"{ratio:.1f} dB"


def _difference(change: Change) -> str:
    difference = change.after - change.before if change.after != change.before else 0.0
    return f"{'+' if difference > 0 else ''}{shown(difference)}"


def _spread(timing: Timing) -> str:
    return spread(timing.median, *timing.quartiles)


def _bytes(size: int | None) -> str:
    return "-" if size is None else bytes_text(size)


def _ratio(before: int | None, after: int | None) -> str:
    return f"{after / before:.2f}" if before and after is not None else "-"


def _left_out(left: Sequence[Left]) -> Iterator[str]:
    """What was not measured, all sizes with one reason together."""
    reasons: dict[str, list[str]] = {}
    for one in left:
        reasons.setdefault(one_line(one.why), []).extend([sizes_text(one.sizes)] if one.sizes else [])
    for why, sizes in reasons.items():
        yield f"{', '.join(sizes)}: {why}" if sizes else why


def _samples(count: int) -> str:
    return f"{count} call{'s' * (count != 1)}"
