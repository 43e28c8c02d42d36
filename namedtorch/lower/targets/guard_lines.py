"""The user's lines at which torch looks at sizes, noted while it exports.

torch keeps with each condition on sizes the line of its own that asked; the user's line is behind that on the stack.
"""

import contextlib
import linecache
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from types import FrameType, TracebackType
from typing import Any

from torch.fx.experimental.symbolic_shapes import ShapeEnv

from namedtorch.diagnostics import DimError
from namedtorch.lower.libraries import library_of
from namedtorch.lower.targets.user_lines import UserLine

_HOOK = "_get_sloc"
"""What a ShapeEnv asks for the line of a condition; private to torch: without it lines are missing in messages."""


@contextlib.contextmanager
def noted_lines() -> Iterator[None]:
    """Has torch keep the user's line with each condition that it notes, as long as the context lasts."""
    original: Any = getattr(ShapeEnv, _HOOK, None)
    if original is None:
        yield
        return

    def noting(self: Any, framework_loc: Any = None) -> Any:
        made = original(self, framework_loc)
        line = line_of_frame(sys._getframe(1))
        try:
            return made if line is None else replace(made, maybe_user_loc=f"{line.file}:{line.line}")
        except TypeError:  # another torch keeps something else
            return made

    setattr(ShapeEnv, _HOOK, noting)
    try:
        yield
    finally:
        setattr(ShapeEnv, _HOOK, original)


def noted_line(place: object) -> UserLine | None:
    """The line that was kept with a condition: `file:line`."""
    file, colon, number = str(getattr(place, "maybe_user_loc", None) or "").rpartition(":")
    return _line(file, int(number)) if colon and number.isdigit() else None


def line_of_frame(frame: FrameType | None) -> UserLine | None:
    """The innermost line outside of libraries on the stack of a frame."""
    while frame is not None:
        if _is_users(frame.f_code.co_filename):
            return _line(frame.f_code.co_filename, frame.f_lineno)
        frame = frame.f_back
    return None


def line_of_error(error: BaseException) -> UserLine | None:
    """The innermost line outside of libraries that an error came through; an error that caused it comes first.

    A guard of a user's function, which has no lines, stands for the function itself.
    """
    found = line_of_traceback(error.__traceback__)
    cause = error.__cause__
    found = (line_of_error(cause) or found) if cause is not None else found
    if found is None and isinstance(error, DimError):
        file, colon, number = error.location.rpartition(":")
        return _line(file, int(number)) if colon and number.isdigit() else None
    return found


def line_of_traceback(traceback: TracebackType | None) -> UserLine | None:
    """The innermost line outside of libraries in a traceback."""
    found: UserLine | None = None
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if _is_users(file):
            found = _line(file, traceback.tb_lineno)
        traceback = traceback.tb_next
    return found


def _line(file: str, number: int) -> UserLine:
    return UserLine(file, number, linecache.getline(file, number).strip())


@cache
def _is_users(file: str) -> bool:
    return not file.startswith("<") and library_of(file) is None
