"""A source file that was read: its text, syntax tree and comments, or why it has none."""

import ast
import io
import tokenize
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from namedtorch.diagnostics.source import Place, Problem
from namedtorch.dims.unknown import Unknown, UnknownType

SYNTAX_ERROR = "syntax-error"
"""The code of a file that is no Python."""

LARGEST = 4_000_000
"""Larger files (in bytes) are data in the form of Python: their tree would take gigabytes."""

_PACKAGE_FILES = ("__init__.py", "__init__.pyi")


@dataclass(frozen=True, eq=False)
class SourceModule:
    """A Python file of a project: its dotted name, its path as it is reported, its text and its syntax tree.

    Lines of the text end in `\\n` whatever they end in on the disk, so that `text.split("\\n")` are the tree's lines.
    """

    name: str
    path: str
    text: str
    tree: ast.Module
    is_package: bool

    @staticmethod
    def read(path: str, name: str) -> "SourceModule | BrokenModule":
        """Reads and parses a file; never raises."""
        try:
            with open(path, "rb") as file:
                data = file.read(LARGEST + 1)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            return BrokenModule(name, path, f"can't be read: {reason or error}")
        if len(data) > LARGEST:
            return BrokenModule(name, path, f"is larger than {LARGEST:,} bytes")
        try:
            text = _decoded(data)
            with warnings.catch_warnings():
                # What Python thinks of a user's escapes is not ours to print.
                warnings.simplefilter("ignore")
                tree = ast.parse(text, path)
        except SyntaxError as error:
            return _broken(name, path, error.msg, _place(path, error))
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            reason = f"the text is not {error.encoding}: {error.reason}"
            return _broken(name, path, reason, Place(path, line, 1, line, 2))
        except (ValueError, RecursionError, MemoryError) as error:
            reason = str(error) if isinstance(error, ValueError) else "the code nests too deep to be parsed"
            return _broken(name, path, reason, Place(path, 1, 1, 1, 2))
        return SourceModule(name, path, text, tree, is_package_file(path))

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text."""
        return self.text.split("\n")

    @cached_property
    def comments(self) -> Mapping[int, str]:
        """The comment of each line that has one, from its `#` on; none at all where the text can't be tokenized."""
        if "#" not in self.text:
            return {}
        try:
            tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
            return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}
        except (tokenize.TokenError, SyntaxError, RecursionError):
            return {}

    def resolve(self, level: int, module: str | None) -> str:
        """The absolute dotted name of `from {level dots}{module} import ...`; "" outside the top package."""
        return absolute_name(self.name, self.is_package, level, module)


@dataclass(frozen=True, eq=False)
class BrokenModule:
    """A file that could not be read (`reason`), and the finding that says where, if it is no Python."""

    name: str
    path: str
    reason: str
    problem: Problem | UnknownType = Unknown


def read_text(path: str) -> str:
    """The text of a source file, as a module of it has it; raises OSError where it has none."""
    with open(path, "rb") as file:
        data = file.read(LARGEST)
    try:
        return _decoded(data)
    except (SyntaxError, ValueError) as error:
        raise OSError(f"{path} is no text: {error}") from error


def is_package_file(path: str) -> bool:
    """Whether a file is the module of a package itself."""
    return path.endswith(_PACKAGE_FILES)


def absolute_name(name: str, is_package: bool, level: int, module: str | None) -> str:
    """The dotted name of `from {level dots}{module} import ...` in the module `name`; "" outside its top package."""
    if level == 0:
        return module or ""
    parts = name.split(".")
    drop = level - 1 if is_package else level
    if drop >= len(parts):
        return ""
    return ".".join([*parts[: len(parts) - drop], *([module] if module else [])])


def _decoded(data: bytes) -> str:
    """The text of a file, with the byte order mark and the encoding that it declares (PEP 263) honoured."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return io.TextIOWrapper(io.BytesIO(data), encoding, newline=None).read()


def _place(path: str, error: SyntaxError) -> Place:
    line = max(1, error.lineno or 1)
    column = max(1, error.offset or 1)
    end_line = max(line, error.end_lineno or line)
    end = error.end_offset or 0
    return Place(path, line, column, end_line, max(end, column + 1) if end_line == line else max(end, 1))


def _broken(name: str, path: str, reason: str, place: Place) -> BrokenModule:
    message = f"the file is not checked, because it is no Python: {reason}"
    return BrokenModule(name, path, reason, Problem(SYNTAX_ERROR, "error", message, place))
