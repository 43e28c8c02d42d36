"""Characters as a terminal shows them: nothing invisible, and the cells that each one takes."""

import unicodedata
from dataclasses import dataclass

_TAB = "    "
_REPLACED = "\N{REPLACEMENT CHARACTER}"
_CONTROL_PICTURES = 0x2400
_DELETE = "\x7f"


def visible(text: str) -> str:
    """The text with all that would not show, or would move the cursor, spelled out (`\\x1b`)."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)


def visible_lines(text: str) -> list[str]:
    """The lines of a text, visible and without space at their ends; one or more."""
    return [visible(line.rstrip()) for line in text.splitlines()] or [""]


def on_one_line(text: str) -> str:
    """The text, visible, with a space for every line break."""
    return visible(" ".join(filter(None, (line.strip() for line in text.splitlines()))))


@dataclass(frozen=True, slots=True)
class Line:
    """A source line as it is shown: the text of each character, and the cell where each begins and the last ends."""

    shown: tuple[str, ...]
    cells: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> "Line":
        """Lays out the text of a line."""
        if text.isascii() and text.isprintable():
            return cls(tuple(text), tuple(range(len(text) + 1)))
        shown = tuple(_shown(one) for one in text)
        cells = [0]
        for one in shown:
            cells.append(cells[-1] + sum(map(_width, one)))
        return cls(shown, tuple(cells))

    def cell(self, column: int) -> int:
        """The cell where a column begins, which counts from 1; outside of the line, that of its nearer end."""
        return self.cells[max(0, min(column - 1, len(self.shown)))]

    @property
    def width(self) -> int:
        """The cells of the whole line."""
        return self.cells[-1]

    def part(self, left: int, right: int) -> str:
        """What stands from cell `left` to cell `right`; spaces for what is left of a character that they cut."""
        ends = zip(self.cells, self.cells[1:], strict=False)
        inside = [at for at, (start, end) in enumerate(ends) if left <= start and end <= right]
        if not inside:
            return ""
        before, behind = self.cells[inside[0]] - left, right - self.cells[inside[-1] + 1]
        return " " * before + "".join(self.shown[at] for at in inside) + " " * behind


def _shown(character: str) -> str:
    """What stands for a character of a source line: one or more printable ones."""
    if character.isprintable():
        return character
    if character == "\t":
        return _TAB
    if unicodedata.category(character) == "Zs":
        return " " * _width(character)
    if character < " ":
        return chr(_CONTROL_PICTURES + ord(character))
    return "\N{SYMBOL FOR DELETE}" if character == _DELETE else _REPLACED


def _width(character: str) -> int:
    """The cells of a printable character: none for one that is set over another, two for a wide one."""
    if character.isascii():
        return 1
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
