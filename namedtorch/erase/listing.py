"""The text of rewritten functions, for people to read: plain Python, its lines not too long."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from types import FunctionType

from namedtorch.erase.rewritten import definition_in

WIDTH = 100
"""The columns that a line has, where it can be broken."""

_STEP = 4
_OPENING, _CLOSING = "([{", ")]}"
_WHOLE = re.compile(r"\b(for|lambda)\b")
"""What has commas of its own, outside of all brackets."""


def listing(function: FunctionType) -> str:
    """The source of a rewritten function under `# file:line` of what the user wrote; "" for any other function."""
    node = definition_in(function)
    return "" if node is None else listed(node, function.__code__.co_filename, node.lineno)


def listed(node: ast.AST, file: str, line: int) -> str:
    """The source of a statement, a `def` for one, under the place that it comes from."""
    return f"# {file}:{line}\n{formatted(ast.unparse(node))}"


def formatted(text: str, width: int = WIDTH) -> str:
    """Code as `ast.unparse` writes it, a statement a line, with those longer than `width` broken in their brackets.

    The code means the same. What has no brackets stays as long as it is, and texts over several lines as they are.
    """
    lines = text.splitlines()
    kept = _inside_of_texts(text)
    found = (
        part
        for number, line in enumerate(lines, 1)
        for part in ([line] if number in kept else broken(line, width))
    )
    return "\n".join(found) + "\n"


def broken(line: str, width: int = WIDTH) -> list[str]:
    """A line of code, as several where it is longer than `width`: broken in the widest of its outermost brackets."""
    pair = _outermost(line) if len(line) > width else None
    if pair is None:
        return [line]
    start, end = pair
    indent = " " * (len(line) - len(line.lstrip()))
    inner = line[start + 1 : end]
    items = [inner] if _WHOLE.search(_bare(inner)) else _items(inner)
    found = [line[: start + 1]]
    joined = ", ".join(items).rstrip()
    if len(items) == 1 or len(indent) + _STEP + len(joined) <= width:
        found += broken(f"{indent}{' ' * _STEP}{joined}", width)
    else:
        for item in items:
            if item:
                found += broken(f"{indent}{' ' * _STEP}{item},", width)
    return [*found, *broken(indent + line[end:], width)]


def _outermost(line: str) -> tuple[int, int] | None:
    """The widest pair of brackets that stands in no other one, by the places of both; None where all are empty."""
    found: list[tuple[int, int]] = []
    opened: list[int] = []
    for place, character in _code(line):
        if character in _OPENING:
            opened.append(place)
        elif character in _CLOSING and opened:
            start = opened.pop()
            if not opened and line[start + 1 : place].strip():
                found.append((start, place))
    return max(found, key=lambda pair: pair[1] - pair[0], default=None)


def _items(text: str) -> list[str]:
    """What stands between the commas of a text that are in no brackets."""
    cuts: list[int] = []
    depth = 0
    for place, character in _code(text):
        depth += (character in _OPENING) - (character in _CLOSING)
        if character == "," and depth == 0:
            cuts.append(place)
    starts = [0, *(cut + 1 for cut in cuts)]
    return [text[start:end].strip() for start, end in zip(starts, [*cuts, len(text)], strict=True)]


def _bare(text: str) -> str:
    """A text without what stands in brackets or in texts."""
    found: list[str] = []
    depth, last = 0, -1
    for place, character in _code(text):
        depth -= character in _CLOSING
        if depth == 0:
            # What was left out stands between two words.
            found.append(character if place == last + 1 else f" {character}")
            last = place
        depth += character in _OPENING
    return "".join(found)


def _code(line: str) -> Iterator[tuple[int, str]]:
    """The characters of a line that stand in no text, with their places."""
    quote, place = "", 0
    while place < len(line):
        character = line[place]
        if quote:
            if character == "\\":
                place += 1
            elif line.startswith(quote, place):
                place += len(quote) - 1
                quote = ""
        elif character in "'\"":
            quote = character * 3 if line.startswith(character * 3, place) else character
            place += len(quote) - 1
        else:
            yield place, character
        place += 1


def _inside_of_texts(text: str) -> set[int]:
    """The lines on which a text of several lines stands."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return {
        number
        for one in tokens
        if one.end[0] > one.start[0] and one.type == tokenize.STRING
        for number in range(one.start[0], one.end[0] + 1)
    }
