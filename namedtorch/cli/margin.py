"""Source lines with the dims that were inferred in them."""

import unicodedata
from collections.abc import Sequence

from namedtorch.static.checked import Inferred

_WIDEST = 72
"""The comments of longer lines stand right behind them, and push no others to the right."""

_LABEL = 24
"""Of longer expressions the beginning is shown."""


def beside(lines: Sequence[str], inferred: Sequence[Inferred]) -> list[str]:
    """All lines, those in which dims were inferred with a comment, `#: N C`, all in one column.

    `inferred` are in order of place. Where expressions of one line have different dims, each is named.
    """
    comments: dict[int, list[Inferred]] = {}
    for one in inferred:
        comments.setdefault(one.place.line, []).append(one)
    widths = [_width(lines[line - 1]) for line in comments]
    column = max((width for width in widths if width <= _WIDEST), default=_WIDEST)
    shown: list[str] = []
    for number, line in enumerate(lines, 1):
        here = comments.get(number)
        shown.append(
            f"{line}{' ' * max(0, column - _width(line))}  #: {_comment(here, lines)}" if here else line
        )
    return shown


def under(line: str, number: int, inferred: Sequence[Inferred]) -> list[str]:
    """One line with its number, and under it the place and the dims of each expression."""
    gutter = f"{number} | "
    shown = [gutter + _printable(line)]
    for one in inferred:
        end = one.place.end_column if one.place.end_line == number else len(line) + 1
        before, marked = line[: one.place.column - 1], line[one.place.column - 1 : end - 1]
        mark = "^" * max(1, _width(marked))
        shown.append(f"{' ' * len(gutter)}{' ' * _width(before)}{mark} {one.text}")
    return shown


def _comment(inferred: Sequence[Inferred], lines: Sequence[str]) -> str:
    texts = list(dict.fromkeys(one.text for one in inferred))
    if len(texts) == 1:
        return texts[0]
    named = (f"{_expression(one, lines)}: {one.text}" for one in inferred)
    return "; ".join(dict.fromkeys(named))


def _expression(one: Inferred, lines: Sequence[str]) -> str:
    """The source of an expression, its beginning where it is long or goes on over lines."""
    line, start = lines[one.place.line - 1], one.place.column - 1
    whole = (
        line[start : one.place.end_column - 1]
        if one.place.end_line == one.place.line
        else f"{line[start:]}..."
    )
    return whole if len(whole) <= _LABEL else f"{whole[: _LABEL - 3]}..."


def _printable(line: str) -> str:
    return "".join(character if character.isprintable() else " " for character in line)


def _width(text: str) -> int:
    """How many columns of a terminal a text takes; a tab, which is shown as one, takes one."""
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
