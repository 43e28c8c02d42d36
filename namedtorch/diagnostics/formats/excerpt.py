"""The source lines that a finding speaks of, with its marks under them.

Marks that are near each other stand in one block of lines, others in blocks of their own.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from namedtorch.diagnostics.formats.characters import Line, on_one_line, visible
from namedtorch.diagnostics.formats.marks import Mark, rows
from namedtorch.diagnostics.source import Place, Problem
from namedtorch.diagnostics.spans import MAX_WIDTH

FAR = 30
"""With more lines between, marks in one file stand in different blocks."""

_CUT = "..."
_LINE_BREAK = re.compile(r"\r\n|\r|\n")  # as Python counts lines


class Texts:
    """The lines of files, each file read once."""

    def __init__(self, source: Callable[[str], str]) -> None:
        self._source = source
        self._lines: dict[str, Sequence[str]] = {}

    def has(self, place: Place) -> bool:
        """Whether the line of a place can be shown."""
        return 1 <= place.line <= len(self._of(place.path))

    def line(self, path: str, number: int) -> str:
        """A line, by its number from 1, of a file that has it."""
        return self._of(path)[number - 1]

    def _of(self, path: str) -> Sequence[str]:
        if path not in self._lines:
            try:
                # No column counts a byte order mark.
                text = self._source(path).removeprefix("\ufeff")
                self._lines[path] = _LINE_BREAK.split(text)
            except (OSError, UnicodeError):
                self._lines[path] = ()
        return self._lines[path]


@dataclass(frozen=True, slots=True)
class _Said:
    """A place and what is said of it."""

    place: Place
    text: str
    primary: bool = False


def excerpt(problem: Problem, texts: Texts) -> list[str]:
    """The lines of the blocks of a finding, each below the place that it begins with."""
    blocks = [[_Said(problem.place, problem.label, primary=True)]]
    for remark in problem.remarks:
        one = _Said(remark.place, remark.text)
        block = next((block for block in blocks if _belongs(one, block, texts)), None)
        if block:
            block.append(one)
        else:
            blocks.append([one])
    gutter = max(len(str(one.place.line)) for block in blocks for one in block)
    lines: list[str] = []
    for arrow, block in zip(["-->"] + [":::"] * len(blocks), blocks, strict=False):
        first = block[0].place
        lines.append(f"{' ' * gutter}{arrow} {visible(first.path)}:{first.line}:{first.column}")
        lines += _numbered(block, texts, gutter) if texts.has(first) else _unseen(block, gutter)
    return lines


def _belongs(one: _Said, block: Sequence[_Said], texts: Texts) -> bool:
    """Whether a place is near those of a block, and no long line must be cut between two marks."""
    path, number = one.place.path, one.place.line
    places = [other.place for other in block]
    if path != places[0].path or not texts.has(places[0]) or not texts.has(one.place):
        return False
    if min(abs(number - place.line) for place in places) > FAR + 1:
        return False
    line = Line.of(texts.line(path, number))
    starts = [line.cell(place.column) for place in (one.place, *places) if place.line == number]
    return max(starts) - min(starts) < MAX_WIDTH


def _unseen(block: Sequence[_Said], gutter: int) -> list[str]:
    """What is said of places whose lines can't be shown."""
    return [f"{' ' * gutter} = {on_one_line(one.text)}" for one in block if one.text]


def _numbered(block: Sequence[_Said], texts: Texts, gutter: int) -> list[str]:
    """The source lines of a block behind their numbers, with the marks under them."""
    path, before = block[0].place.path, 0
    lines: list[str] = []
    for number in sorted({one.place.line for one in block}):
        # One line between two is as short as the dots that would stand for it.
        if before and number == before + 2:
            between, _ = _shown(texts.line(path, before + 1), [])
            lines.append(f"{before + 1:<{gutter}} | {between}")
        elif before and number > before + 2:
            lines.append(_CUT)
        here = [one for one in block if one.place.line == number]
        text, below = _shown(texts.line(path, number), here)
        lines.append(f"{number:<{gutter}} | {text}")
        lines += [f"{' ' * gutter} | {row}" for row in below]
        before = number
    return [line.rstrip() for line in lines]


def _shown(text: str, said: Sequence[_Said]) -> tuple[str, list[str]]:
    """A line, cut around its marks if it is long, and the rows under it."""
    line = Line.of(text)
    marks = [_mark(line, len(text.rstrip()) + 1, one) for one in said]
    left = _left(line.width, marks)
    right = min(left + MAX_WIDTH, line.width)
    head, tail = _CUT * (left > 0), _CUT * (right < line.width)
    shift = left - len(head)
    inside = [
        Mark(one.start - shift, max(min(one.end, right), one.start + 1) - shift, one.text, one.primary)
        for one in marks
    ]
    return f"{head}{line.part(left, right)}{tail}", rows(inside) if inside else []


def _left(width: int, marks: Sequence[Mark]) -> int:
    """The cell where the shown part of a line begins: every mark begins in it, and ends in it if there is room."""
    if width <= MAX_WIDTH or not marks:
        return 0
    start = min(one.start for one in marks)
    room = max(0, MAX_WIDTH - (max(one.end for one in marks) - start))
    return max(0, min(start - room // 2, width - MAX_WIDTH))


def _mark(line: Line, last: int, one: _Said) -> Mark:
    """The cells of a place on its first line, up to column `last` where it goes on."""
    place = one.place
    start = line.cell(place.column)
    if place.end_line > place.line:
        end = line.cell(last)
    else:
        end = line.cell(place.end_column) if place.end_line == place.line else start
    return Mark(start, max(end, start + 1), on_one_line(one.text), one.primary)
