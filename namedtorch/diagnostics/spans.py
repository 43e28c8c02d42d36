"""Where something stands in a text, and what is said of it there."""

from collections.abc import Sequence
from dataclasses import dataclass, field

MAX_WIDTH = 120
"""Of longer source lines (in characters), a part around the caret is shown."""


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of characters in a source text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Label:
    """A remark at a span; the primary one is marked `^`, others `-`."""

    span: Span
    text: str = ""
    primary: bool = True


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding in a text: its code, what is wrong, where, and what to do."""

    code: str
    message: str
    source: str
    labels: Sequence[Label] = field(default=())
    help: str = ""

    def __str__(self) -> str:
        return render(self)


def render(diagnostic: Diagnostic) -> str:
    """Renders a finding as text: the message, the source lines with carets under the labels, the help."""
    lines = [diagnostic.message]
    for line_start, line in _lines(diagnostic.source):
        here = [
            label
            for label in diagnostic.labels
            if line_start <= label.span.start <= line_start + len(line)
            # An end of input on the last line belongs to it; on an earlier line to the next.
        ]
        if not here:
            continue
        here.sort(key=lambda one: (not one.primary, one.span.start))
        left = _left(len(line), here[0].span.start - line_start)
        shown = line[left : left + MAX_WIDTH]
        lines.append(f"    {_printable(shown)}")
        for label in here:
            start = label.span.start - line_start - left
            if 0 <= start <= len(shown):
                width = max(1, min(label.span.end - line_start - left, len(shown)) - start)
                mark = ("^" if label.primary else "-") * width
                lines.append(f"    {' ' * start}{mark}{' ' + label.text if label.text else ''}")
    if diagnostic.help:
        lines.append(f"  help: {diagnostic.help}")
    return "\n".join(lines)


def _left(length: int, caret: int) -> int:
    """Where the shown part of a line begins: at 0 if it all fits, else so that the caret stands in it."""
    return 0 if length <= MAX_WIDTH else max(0, min(caret - MAX_WIDTH // 2, length - MAX_WIDTH))


def _lines(source: str) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    start = 0
    for line in source.split("\n"):
        found.append((start, line))
        start += len(line) + 1
    return found


def _printable(line: str) -> str:
    """Keeps columns aligned: a tab is one character wide, as offsets count it."""
    return "".join(character if character.isprintable() else " " for character in line)
