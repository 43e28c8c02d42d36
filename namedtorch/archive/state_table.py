"""The state of a manifest, as a person reads it: readable for three entries and for three hundred."""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, TypeVar

from namedtorch.archive.manifest import State

MOST_ROWS = 12
"""The rows that a text shows; the rest is counted."""

_KINDS: Final[Mapping[Literal["parameter", "buffer", "packed"], str]] = {
    "parameter": "parameter",
    "packed": "packed weight",
    "buffer": "buffer",
}
_Item = TypeVar("_Item")
_DIGITS = re.compile(r"(\d+)", re.ASCII)


def state_lines(state: Mapping[str, State]) -> list[str]:
    """A heading with the totals, a row for each of the first parameters and buffers, and how many more there are.

    What quantized layers have packed stands in the totals; its dims stand with those layers. There is one entry at
    least.
    """
    entries = in_order({path: one for path, one in state.items() if one.kind != "packed"})
    shown = first_rows(entries)
    kinds = {one.kind for _, one in entries}
    rows = [(path, one.kind, one.dtype, axes_text(one)) for path, one in shown]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [f"state: {', '.join(_totals(state.values()))}"]
    for row in rows:
        cells = [f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)]
        # Where all are of one kind, the totals have said it.
        lines.append("  " + "  ".join(cells if len(kinds) > 1 else [cells[0], *cells[2:]]).rstrip())
    return [*lines, *more_line(len(entries), len(shown))]


def first_rows(rows: list[_Item]) -> list[_Item]:
    """The rows that a text shows."""
    # A cut that hides a single row would be as long as the row.
    return rows if len(rows) <= MOST_ROWS + 1 else rows[:MOST_ROWS]


def more_line(count: int, shown: int) -> list[str]:
    """The line that says how many entries are not shown; none where all are."""
    return [f"  ... and {count - shown} more, all with --json"] if shown < count else []


def state_rows(state: Mapping[str, State]) -> list[dict[str, Any]]:
    """The entries as JSON-able data, in the order of their paths."""
    return [
        {
            "path": path,
            "kind": one.kind,
            "dtype": one.dtype,
            "sizes": list(one.sizes),
            "dims": one.dims,
            "memory_format": one.memory_format,
        }
        for path, one in in_order(state)
    ]


def in_order(state: Mapping[str, _Item]) -> list[tuple[str, _Item]]:
    """The entries by path, where `layers.2` stands before `layers.10`."""
    # Text and numbers alternate in what is split, so that like is compared with like.
    return sorted(
        state.items(),
        key=lambda entry: (
            [(int(part) if place % 2 else part) for place, part in enumerate(_DIGITS.split(entry[0]))],
            entry[0],
        ),
    )


def numbers_in(state: Mapping[str, State], kind: str) -> int:
    """How many numbers the parameters, the buffers, or what is packed, hold together."""
    return sum(math.prod(one.sizes) for one in state.values() if one.kind == kind)


def _totals(state: Iterable[State]) -> Iterable[str]:
    """ "11,699,132 numbers in 62 parameters (float32)", and the same of buffers."""
    entries = list(state)
    for kind, name in _KINDS.items():
        found = [one for one in entries if one.kind == kind]
        if found:
            numbers = sum(math.prod(one.sizes) for one in found)
            dtypes = ", ".join(sorted({one.dtype for one in found}))
            yield f"{count_text(numbers, 'number')} in {count_text(len(found), name)} ({dtypes})"


def count_text(count: int, what: str) -> str:
    """A count as people read it: "1 layer", "2,048 layers"."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def axes_text(one: State) -> str:
    """Sizes, dims and memory format of an entry: "out=64 in=3 kh=7 kw=7 @ channels_last"."""
    sizes = " ".join(map(str, one.sizes)) or "(a scalar)"
    if one.dims is None:
        text = sizes
    # Dims that all have their size say what the sizes say.
    elif all("=" in axis or axis.isdigit() for axis in one.dims.split(" ")) and one.dims:
        text = one.dims
    else:
        text = f"{sizes}  ({one.dims})" if one.dims else sizes
    return f"{text} @ {one.memory_format}" if one.memory_format else text
