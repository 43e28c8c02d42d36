"""The parameters and buffers of a manifest, as a person reads them: readable for three and for three hundred."""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from namedtorch.archive.manifest import State

MOST_ROWS = 12
"""The rows that a text shows; the rest is counted."""

_DIGITS = re.compile(r"(\d+)", re.ASCII)


def state_lines(state: Mapping[str, State]) -> list[str]:
    """A heading with the totals, a row for each of the first entries, and how many more there are.

    There is one entry at least.
    """
    entries = in_order(state)
    # A cut that hides a single row would be as long as the row.
    shown = entries if len(entries) <= MOST_ROWS + 1 else entries[:MOST_ROWS]
    kinds = {one.kind for one in state.values()}
    rows = [(path, one.kind, one.dtype, _axes(one)) for path, one in shown]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [f"state: {', '.join(_totals(state.values()))}"]
    for row in rows:
        cells = [f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)]
        # Where all are of one kind, the totals have said it.
        lines.append("  " + "  ".join(cells if len(kinds) > 1 else [cells[0], *cells[2:]]).rstrip())
    if len(shown) < len(entries):
        lines.append(f"  ... and {len(entries) - len(shown)} more, all with --json")
    return lines


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


def in_order(state: Mapping[str, State]) -> list[tuple[str, State]]:
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
    """How many numbers the parameters, or the buffers, hold together."""
    return sum(math.prod(one.sizes) for one in state.values() if one.kind == kind)


def _totals(state: Iterable[State]) -> Iterable[str]:
    """ "11,699,132 numbers in 62 parameters (float32)", and the same of buffers."""
    entries = list(state)
    for kind in ("parameter", "buffer"):
        found = [one for one in entries if one.kind == kind]
        if found:
            numbers = sum(math.prod(one.sizes) for one in found)
            dtypes = ", ".join(sorted({one.dtype for one in found}))
            yield f"{_count(numbers, 'number')} in {_count(len(found), kind)} ({dtypes})"


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _axes(one: State) -> str:
    sizes = " ".join(map(str, one.sizes)) or "(a scalar)"
    if one.dims is None:
        text = sizes
    # Dims that all have their size say what the sizes say.
    elif all("=" in axis or axis.isdigit() for axis in one.dims.split(" ")) and one.dims:
        text = one.dims
    else:
        text = f"{sizes}  ({one.dims})" if one.dims else sizes
    return f"{text} @ {one.memory_format}" if one.memory_format else text
