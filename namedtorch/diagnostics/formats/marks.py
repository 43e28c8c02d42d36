"""The rows under a source line: what is marked, and what is said of each mark."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """A range of cells of a line, at least one, and what is said of it; the primary one is `^`, others are `-`."""

    start: int
    end: int
    text: str
    primary: bool = False


def rows(marks: Sequence[Mark]) -> list[str]:
    """The rows under a line that has these marks, one or more.

    What is said of the rightmost mark stands beside it, all else below, at bars that lead down from the marks.
    """
    owners = _owners(marks)
    last = owners[max(owners)]
    underline = _row({cell: "^" if mark.primary else "-" for cell, mark in owners.items()})
    hanging = [(_bar(mark, owners), mark) for mark in marks if mark.text and mark is not last]
    # The rightmost first: its text would run through the bars on its right.
    hanging.sort(key=lambda one: (-one[0], not one[1].primary))
    below = [_row({cell: "|" for cell, _ in hanging})] if hanging else []
    for at, (cell, mark) in enumerate(hanging):
        bars = {other: "|" for other, _ in hanging[at:]}
        below.append(_row(bars | {cell: mark.text}))
    return [f"{underline} {last.text}".rstrip(), *below]


def _owners(marks: Sequence[Mark]) -> dict[int, Mark]:
    """The mark that is drawn in each cell: the smaller over the larger, and the primary one never hidden."""
    owners: dict[int, Mark] = {}
    for mark in sorted(marks, key=lambda one: (one.start - one.end, one.primary)):
        owners |= dict.fromkeys(range(mark.start, mark.end), mark)
    for mark in marks:
        if mark.primary and not any(owner is mark for owner in owners.values()):
            owners |= dict.fromkeys(range(mark.start, mark.end), mark)
    return owners


def _bar(mark: Mark, owners: Mapping[int, Mark]) -> int:
    """The first cell that shows the mark; where it begins if all of it lies under others."""
    return next((cell for cell in range(mark.start, mark.end) if owners[cell] is mark), mark.start)


def _row(pieces: Mapping[int, str]) -> str:
    """A row with these texts at these cells."""
    row = ""
    for cell, piece in sorted(pieces.items()):
        row = row.ljust(cell) + piece
    return row.rstrip()
