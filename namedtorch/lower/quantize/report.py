"""The report: float and quantized side by side, as text, as JSON and as a page."""

import json
import os
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from namedtorch.archive.atomic import atomic
from namedtorch.archive.quantization import Quantization
from namedtorch.archive.sentence import printable
from namedtorch.diagnostics import LowerError
from namedtorch.diagnostics.table import aligned
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.lower.quantize.footprint import Footprint
from namedtorch.lower.quantize.latency_rows import Latency
from namedtorch.lower.quantize.machine import ELSEWHERE, Machine
from namedtorch.lower.quantize.metrics import Judgement
from namedtorch.lower.quantize.noise import ModelNoise
from namedtorch.lower.quantize.page import Page, Section, rendered
from namedtorch.lower.quantize.plots import drawn_latency, drawn_layers, drawn_metrics, drawn_sizes
from namedtorch.lower.quantize.steps import Step, path_text
from namedtorch.lower.quantize.tables import (
    Table,
    decibels,
    latency_table,
    layer_table,
    metric_table,
    scheme_table,
    size_table,
    stayed_table,
)

_SHOWN = 10
"""The layers whose noise a text lists."""

_WIDTH = 110
"""The width of sentences in a text; tables are as wide as they have to be."""


@dataclass(frozen=True, slots=True)
class QuantizationReport:
    """What quantization costs and gives: sizes, latency, the user's metrics, noise, and the layers that stayed float.

    `before` is the float model, `after` the quantized one. `noise` is Unknown where it could not be measured; `notes`
    say what else was not, and why. The text is for people, `to_dict` for programs; `save` writes a file.
    """

    name: str
    signature: str
    quantization: Quantization
    before: Footprint
    after: Footprint
    latency: Latency
    judgement: Judgement
    noise: ModelNoise | UnknownType
    steps: tuple[Step, ...]
    machine: Machine
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON-able data; what is not finite, or not known, is null."""
        return {
            "name": self.name,
            "signature": self.signature,
            "quantization": self.quantization.to_dict(),
            "size": {"float": self.before.to_dict(), "quantized": self.after.to_dict()},
            "latency": self.latency.to_dict(),
            "metrics": self.judgement.to_dict(),
            "noise": None if self.noise is Unknown else self.noise.to_dict(),
            "steps": [one.to_dict() for one in self.steps],
            "machine": self.machine.to_dict(),
            "notes": list(self.notes),
        }

    def to_json(self) -> str:
        """The report as JSON."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)

    def html(self) -> str:
        """The report as a page of one file, its plots inside; nothing is loaded from elsewhere.

        Raises MissingDependencyError where jinja2 or matplotlib is not installed.
        """
        return rendered(Page(self._headline, self.signature, tuple(self._facts()), tuple(self._sections())))

    def save_html(self, path: str | os.PathLike[str]) -> None:
        """Writes the page to a file of any name; raises MissingDependencyError, and ArchiveError where it can't."""
        _write(path, self.html())

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the report as its suffix says: `.html`, `.json`, or `.txt`; the file is there whole or not at all.

        Raises LowerError for another suffix, MissingDependencyError where the page can't be made, and ArchiveError
        where nothing can be written.
        """
        suffix = Path(path).suffix
        writers: dict[str, Callable[[], str]] = {
            ".html": self.html,
            ".json": lambda: f"{self.to_json()}\n",
            ".txt": lambda: f"{self}\n",
        }
        if suffix not in writers:
            raise LowerError(
                f"can't save a report as {os.fspath(path)!r}: its name ends in {', '.join(writers)}"
            )
        _write(path, writers[suffix]())

    def __str__(self) -> str:
        lines = [self._headline, self.signature]
        for table in self._tables(_SHOWN):
            lines += ["", *_table_lines(table)]
        if self.steps:
            lines += ["", "The way here", *_indented(path_text(self.steps))]
        lines.append("")
        for note in self._measured:
            lines += _wrapped(note)
        # Names are the user's, and nothing in them may move the cursor.
        return "\n".join(map(printable, lines))

    @property
    def _headline(self) -> str:
        done = self.quantization
        count = len(done.layers)
        return f"{self.name}: {done.method} for {done.engine}, {count} layer{'s' * (count != 1)} quantized"

    def _tables(self, most: int | None) -> Iterator[Table]:
        yield size_table(self.before, self.after)
        yield latency_table(self.latency)
        if self.judgement.changes:
            yield metric_table(self.judgement)
        if self.noise is not Unknown:
            yield layer_table(self.noise, self.quantization.layers, most)
        yield stayed_table(self.quantization)

    def _facts(self) -> Iterator[tuple[str, str, str]]:
        """What comes first on the page: a number, what it is, and what it is made of."""
        for suffix, size in self.after.files.items():
            if suffix in self.before.files:
                ratio = size / self.before.files[suffix]
                yield f"{ratio:.2f}", f"of the size ({suffix})", "quantized file / float file"
        if self.latency.rows:
            row = self.latency.rows[0]
            yield f"{row.speed:.1f}x", "as fast", f"{self.latency.label(row)}, both as they are deployed"
        for one in (*self.judgement.beyond[:1], *self.judgement.changes[:1])[:1]:
            text = "within tolerance" if self.judgement.within else "metric lost too much"
            yield f"{one.after:.4g}", f"{one.name}, {one.before:.4g} in float", text
        if self.noise is not Unknown:
            yield decibels(self.noise.outputs.decibels), "signal to noise", "of the outputs"

    def _sections(self) -> Iterator[Section]:
        yield Section(size_table(self.before, self.after), *drawn_sizes(self.before, self.after))
        yield Section(latency_table(self.latency), *drawn_latency(self.latency))
        if self.judgement.changes:
            yield Section(metric_table(self.judgement), *drawn_metrics(self.judgement))
        if self.noise is not Unknown:
            yield Section(layer_table(self.noise, self.quantization.layers), *drawn_layers(self.noise))
        yield Section(stayed_table(self.quantization))
        yield Section(scheme_table(self.quantization))
        if self.steps:
            yield Section(Table("The way here", (), ()), text=path_text(self.steps))
        yield Section(Table("How it was measured", (), (), notes=self._measured))

    @property
    def _measured(self) -> tuple[str, ...]:
        return *self.notes, f"Measured on {self.machine}; {ELSEWHERE}."


def _table_lines(table: Table) -> Iterator[str]:
    yield table.title
    if table.rows:
        yield from _indented("\n".join(aligned([table.header, *table.rows], table.right)))
    yield from (line for note in table.notes for line in _wrapped(note, "  "))


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _indented(text: str) -> Iterator[str]:
    return (f"  {line}" for line in text.splitlines())


def _write(path: str | os.PathLike[str], text: str) -> None:
    with atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
