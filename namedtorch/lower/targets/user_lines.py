"""The user's line that a node of an exported graph came from, or an error."""

import linecache
import re
from dataclasses import dataclass
from functools import cache
from types import FrameType, TracebackType

from torch import fx

from namedtorch.diagnostics import DimError
from namedtorch.lower.libraries import library_of

_FRAME = re.compile(r'\s*File "(?P<file>[^"]+)", line (?P<line>\d+), in ')


@dataclass(frozen=True, slots=True)
class UserLine:
    """A line of the user's code: its file, its number, its source."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"  {self.file}:{self.line}" + (f"\n    {self.text}" if self.text else "")


def line_of(node: fx.Node) -> UserLine | None:
    """The innermost line outside of libraries that made a node; None where torch kept none."""
    return line_in(str(node.meta.get("stack_trace") or ""))


def own_frames(trace: str) -> str:
    """The frames that torch wrote down, without those of libraries: where they are installed is nobody's business."""
    found = [one for one in _FRAME.finditer(trace) if library_of(one["file"]) is None]
    return "".join(f"{one[0].strip(chr(10))}\n" for one in found)


def line_in(trace: str) -> UserLine | None:
    """The innermost line outside of libraries in the frames that torch wrote down."""
    lines = trace.splitlines()
    found: UserLine | None = None
    for number, line in enumerate(lines):
        frame = _FRAME.match(line)
        # Code that was written in its place, such as a guard, has no file.
        if frame is None or frame["file"].startswith("<") or library_of(frame["file"]) is not None:
            continue
        text = lines[number + 1].strip() if number + 1 < len(lines) else ""
        found = UserLine(frame["file"], int(frame["line"]), "" if _FRAME.match(text) else text)
    return found


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
        return line_written(error.location)
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


def line_written(place: str) -> UserLine | None:
    """The line that is written as `file:line`; None for another text."""
    file, colon, number = place.rpartition(":")
    return _line(file, int(number)) if colon and number.isdigit() else None


def _line(file: str, number: int) -> UserLine:
    return UserLine(file, number, linecache.getline(file, number).strip())


@cache
def _is_users(file: str) -> bool:
    return not file.startswith("<") and library_of(file) is None
