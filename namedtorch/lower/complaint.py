"""What torch says when it refuses code: its words without its trace, and the lines that they are about.

The lines stand in the text. Where torch fails before it writes one, they stand in the frames of its own compiler
(`torch.jit.frontend`, `torch.jit._recursive`), whose variables are internals of torch.
"""

import ast
import itertools
import linecache
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType, FunctionType, TracebackType
from typing import Any

from namedtorch.lower.libraries import library_of

_PLACE = re.compile(r'^ *File "(?P<file>.+)", line (?P<line>\d+)', re.MULTILINE)
_CALLER = "is being compiled since it was called from"
_AT_END = re.compile(r": (?P<file>\S.*):(?P<line>\d+)\)?:?$", re.MULTILINE)
_INNER = "The error stack is reproduced here:"
_NOISE = (
    (re.compile(r" \(of Python compilation unit at: 0x[0-9a-f]+\)"), ""),
    (re.compile(r"__torch__\.(?:\w+\.)*(\w+)"), r"\1"),
    (
        re.compile(
            r"\n\s*(Here are some suggestions|Could not find any similar ops|The original call is).*",
            re.DOTALL,
        ),
        "",
    ),
    (re.compile(r"\s*This error occurred while scripting.*", re.DOTALL), ""),
    (re.compile(r", please report a bug to PyTorch\.?"), ""),
    (re.compile(r"~~~+ <--- HERE"), ""),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Complaint:
    """What torch said: `words`, and the places that it is about, each called from the next.

    `place` is the first that is not a library's, None where no line is known; `through` is the function of a library
    that torch was in, "" where it was in the user's code.
    """

    words: str
    places: tuple[Place, ...]

    @property
    def place(self) -> Place | None:
        return next(self._own(), None)

    @property
    def callers(self) -> tuple[Place, ...]:
        """The places that lead to `place`."""
        return tuple(self._own())[1:]

    @property
    def through(self) -> str:
        first = self.places[0] if self.places else None
        if first is None or library_of(first.file) is None:
            return ""
        return enclosing(first) or first.file

    @property
    def headline(self) -> str:
        """The first line of the words."""
        return self.words.split("\n", 1)[0]

    def _own(self) -> Iterator[Place]:
        return (one for one in self.places if library_of(one.file) is None)


def complaint_of(error: Exception) -> Complaint:
    """What an exception of torch's compiler says."""
    text = str(error).strip() or type(error).__name__
    inner = text.partition(_INNER)[2]
    if inner:
        # A function that a module holds: torch repeats its whole error inside of another.
        outer = _places(text)
        text = inner.strip()
        places = _places(text)
        places += [one for one in outer if one not in places]
    else:
        told, _, calls = text.partition(_CALLER)
        places = [*_places(told), *_places(calls)]
    first = _PLACE.search(text)
    words = text[: first.start()] if first is not None else text
    found = _AT_END.search(words)
    if found is not None and not places:
        places = [Place(found["file"], int(found["line"]))]
        words = words[: found.start()]
    if not places or library_of(places[0].file) is not None:
        # Of the call that led into a library, torch's text does not tell the line.
        framed = [one for one in _framed(error.__traceback__) if one not in places]
        inside = list(itertools.takewhile(lambda one: library_of(one.file) is not None, places))
        places = [*inside, *framed, *places[len(inside) :]]
    return Complaint(_cleaned(words), tuple(places))


def enclosing(place: Place) -> str | None:
    """The function around a line, with its classes: `Classifier.forward`."""
    try:
        tree = ast.parse("".join(linecache.getlines(place.file)))
    except SyntaxError:
        return None
    names: list[str] = []
    body: list[ast.stmt] = tree.body
    while body:
        inner = next(
            (one for one in body if _first(one) <= place.line <= (one.end_lineno or one.lineno)), None
        )
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append(inner.name)
        body = getattr(inner, "body", [])
    return ".".join(names) or None


def source_line(place: Place) -> str:
    """The source of a line, as linecache shows it."""
    return linecache.getline(place.file, place.line).strip()


def _first(statement: ast.stmt) -> int:
    return min([statement.lineno, *(one.lineno for one in getattr(statement, "decorator_list", ()))])


def _cleaned(words: str) -> str:
    for pattern, text in _NOISE:
        words = pattern.sub(text, words)
    lines = [line.strip().rstrip(":. ") for line in words.strip().splitlines()]
    return "\n".join(line for line in lines if line)


def _places(text: str) -> list[Place]:
    return [Place(found["file"], int(found["line"])) for found in _PLACE.finditer(text)]


def _framed(trace: TracebackType | None) -> list[Place]:
    """The places that the frames of torch's compiler know, the innermost first."""
    found: list[Place] = []
    while trace is not None:
        found[:0] = _of_frame(trace.tb_frame)
        trace = trace.tb_next
    return list(dict.fromkeys(found))


def _of_frame(frame: FrameType) -> list[Place]:
    if library_of(frame.f_code.co_filename) != "torch":
        return []
    variables = frame.f_locals
    context = variables.get("ctx")
    for name in ("stmt", "expr", "node", "entry", "py_args"):
        node: Any = variables.get(name)
        if context is not None and hasattr(node, "lineno") and hasattr(context, "make_range"):
            return _of_range(context.make_range(node.lineno, node.col_offset, node.col_offset + 1))
    found = _of_range(variables["loc"]) if hasattr(variables.get("loc"), "highlight") else []
    for name in ("fn", "func", "hook", "pre_hook", "obj"):
        held: Any = variables.get(name)
        function = getattr(held, "__func__", held)
        code = function.__code__ if isinstance(function, FunctionType) else None
        # What a decorator made of texts (a dataclass) has no file.
        if code is not None and library_of(code.co_filename) is None and linecache.getlines(code.co_filename):
            return [Place(code.co_filename, code.co_firstlineno), *found]
    return found


def _of_range(given: Any) -> list[Place]:
    return _places(given.highlight())
