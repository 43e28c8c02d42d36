"""What torch says when it refuses code, as one sentence, the user's line, and who called it."""

import ast
import linecache
import re
from collections.abc import Mapping
from dataclasses import dataclass

from namedtorch.diagnostics import LowerError
from namedtorch.lower.source import Definition

_PLACE = re.compile(r'^ *File "(?P<file>.+)", line (?P<line>\d+)', re.MULTILINE)
_CALLER = "is being compiled since it was called from"
_MOST_CALLERS = 3


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def refused(error: Exception, name: str, generated: Mapping[str, Place], outermost: Definition) -> LowerError:
    """The error for code that torch refuses while it compiles `name`, which is defined as `outermost`.

    `generated` says which line of the user's stands for a generated file. Call it when linecache shows the user's
    files again.
    """
    text = str(error).strip() or type(error).__name__
    reason, places, callers = _parts(text)
    places = [generated.get(place.file, place) for place in places]
    place = places[0] if places else None
    where = (_enclosing(place) if place else None) or name
    headline, *rest = reason.splitlines() or [type(error).__name__]
    lines = [f"TorchScript refuses `{where}`: {headline.strip().rstrip(':')}"]
    lines += [f"  {line.strip()}" for line in rest if line.strip()]
    if place is not None:
        lines.append(f"  {place}")
        source = linecache.getline(place.file, place.line).strip()
        lines += [f"    {source}"] if source else []
    if place is not None and not callers and not _is_in(outermost, place):
        callers = [Place(outermost.file, outermost.node.lineno)]
    shown = [str(generated.get(caller.file, caller)) for caller in callers]
    for caller in [one for one in dict.fromkeys(shown) if one != str(place)][:_MOST_CALLERS]:
        lines.append(f"  called from {caller}")
    return LowerError("\n".join(lines))


def _is_in(outermost: Definition, place: Place) -> bool:
    return place.file == outermost.file and outermost.first <= place.line <= outermost.last


def _parts(text: str) -> tuple[str, list[Place], list[Place]]:
    """The reason, where it is, and the lines that lead there."""
    first = _PLACE.search(text)
    if first is None:
        return text, [], []
    told, _, calls = text.partition(_CALLER)
    return text[: first.start()].strip(), _places(told), _places(calls)


def _places(text: str) -> list[Place]:
    return [Place(found["file"], int(found["line"])) for found in _PLACE.finditer(text)]


def _enclosing(place: Place) -> str | None:
    """The function around a line, with its classes: `Classifier.forward`."""
    try:
        tree = ast.parse("".join(linecache.getlines(place.file)))
    except SyntaxError:
        return None
    names: list[str] = []
    body: list[ast.stmt] = tree.body
    while body:
        inner = next(
            (one for one in body if one.lineno <= place.line <= (one.end_lineno or one.lineno)), None
        )
        if isinstance(inner, ast.FunctionDef | ast.ClassDef):
            names.append(inner.name)
        body = getattr(inner, "body", [])
    return ".".join(names) or None
