"""Where a function is written, and its file with some of its text replaced, line by line the same."""

import ast
import contextlib
import inspect
import linecache
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType

from namedtorch.erase.rewritten import definition_in


@dataclass(frozen=True, slots=True)
class Definition:
    """The `def` of a function in its file.

    `file` is the name that tracebacks show; `lines` is the whole file. Lines count from 1, the columns of `node` are
    in bytes of UTF-8, as in `ast`. The `node` of a `rewritten` function is what torch is to read in the place of what
    the file says there.
    """

    file: str
    lines: Sequence[str]
    node: ast.FunctionDef
    rewritten: bool = False

    @property
    def first(self) -> int:
        """The line of the first decorator, or of the `def`."""
        return min([self.node.lineno, *(one.lineno for one in self.node.decorator_list)])

    @property
    def last(self) -> int:
        """The last line of the body."""
        return self.node.end_lineno or self.node.lineno


@dataclass(frozen=True, slots=True)
class Edit:
    """A piece of a file, and the text that takes its place; columns are in bytes of UTF-8."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str

    @classmethod
    def of(cls, node: ast.expr, text: str) -> "Edit":
        """Replaces an expression by another that takes as many lines."""
        end_line = node.end_lineno or node.lineno
        end_column = node.end_col_offset or node.col_offset
        missing = end_line - node.lineno
        if missing:
            # The brackets of what was there allowed the line breaks; these parentheses do.
            text = f"({text}" + "\n" * missing + ")"
        return cls(node.lineno, node.col_offset, end_line, end_column, text)


class Sources:
    """The parsed files of one lowering: each is read and parsed once."""

    def __init__(self) -> None:
        self._files: dict[str, _File | None] = {}

    def lines(self, function: FunctionType) -> Sequence[str] | None:
        """The file that a function is written in, None if it is not at hand."""
        code = function.__code__
        if code.co_filename not in self._files:
            self._files[code.co_filename] = _read(function)
        file = self._files[code.co_filename]
        return None if file is None else file.lines

    def find(self, function: FunctionType) -> Definition | None:
        """Where a function is written, None if its source is not at hand (or is not a `def`)."""
        code = function.__code__
        if code.co_filename not in self._files:
            self._files[code.co_filename] = _read(function)
        file = self._files[code.co_filename]
        tree = definition_in(function)
        if file is not None and tree is not None:
            return Definition(file.name, file.lines, tree, rewritten=True)
        if file is None or (code.co_firstlineno, code.co_name) not in file.definitions:
            return None
        return Definition(file.name, file.lines, file.definitions[code.co_firstlineno, code.co_name])


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    lines: Sequence[str]
    definitions: Mapping[tuple[int, str], ast.FunctionDef]


def _read(function: FunctionType) -> _File | None:
    try:
        # torch asks for the file in this way, and it is this name that ends up in the graph.
        name = inspect.getsourcefile(function) or function.__code__.co_filename
        lines = inspect.findsource(function)[0]
        return _File(name, lines, _definitions("".join(lines)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return None


def _definitions(text: str) -> dict[tuple[int, str], ast.FunctionDef]:
    found: dict[tuple[int, str], ast.FunctionDef] = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            found[first, node.name] = node
    return found


def spliced(lines: Sequence[str], edits: Sequence[Edit]) -> list[str]:
    """The lines with the edits made; there are as many lines as before.

    Edits may not overlap.
    """
    pieces = [line.encode() for line in lines]
    for edit in sorted(set(edits), key=lambda one: (one.line, one.column), reverse=True):
        before = pieces[edit.line - 1][: edit.column]
        after = pieces[edit.end_line - 1][edit.end_column :]
        text = before + edit.text.encode() + after
        pieces[edit.line - 1 : edit.end_line] = text.splitlines(keepends=True)
    return [piece.decode() for piece in pieces]


@contextlib.contextmanager
def shown(files: Mapping[str, Sequence[str]]) -> Iterator[None]:
    """Makes linecache show these lines under these file names until the block ends.

    Everybody in the process sees them; hold a lock.
    """
    missing = object()
    before = {name: linecache.cache.get(name, missing) for name in files}
    try:
        for name, lines in files.items():
            # Without a modification time, `linecache.checkcache` leaves an entry alone.
            linecache.cache[name] = (sum(map(len, lines)), None, list(lines), name)
        yield
    finally:
        for name, entry in before.items():
            if entry is missing:
                linecache.cache.pop(name, None)
            else:
                linecache.cache[name] = entry  # pyright: ignore[reportArgumentType]
