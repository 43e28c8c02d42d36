"""What runs of the user's code while it is traced: its lines, the conditions that met tensors, torch's warnings."""

import re
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from torch.jit._trace import TracerWarning

from namedtorch.dims.unknown import Unknown
from namedtorch.lower.conditions import Condition, SourceFile, holds_tensors, met_tensors
from namedtorch.lower.libraries import library_of

Position = tuple[int, int, int, int]
"""A piece of source: first and last line, first and last column."""

_MOST_READINGS = 1000
_MADE = re.compile(r"registered as constants")
"""What torch says of all tensors that are made of Python's values, also where those are constants."""

_ASKED = re.compile(r"Python boolean")
"""What torch says where a tensor is asked whether it is true; in its own code that is a check of arguments."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Where a trace turned something into a constant: torch's words, and the user's code, the innermost call first."""

    words: str
    places: tuple[tuple[str, Position], ...]


class Watch:
    """Watches the user's code of one thread while `watching`."""

    def __init__(self) -> None:
        self.readings: dict[Reading, None] = {}
        self.met: dict[tuple[str, Condition], None] = {}
        """The conditions, with their files, that were asked of tensors."""
        self.steps: dict[str, Counter[tuple[int, int]]] = {}
        """How often each line of a file was run behind which other one of the same call."""
        self._files: dict[str, SourceFile] = {}
        self._last: dict[int, int] = {}
        self._warn: Callable[..., Any] = warnings.showwarning

    def file(self, name: str) -> SourceFile:
        """A file of the user's."""
        if name not in self._files:
            self._files[name] = SourceFile(name)
        return self._files[name]

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watches until the block ends; a debugger or a coverage tool sees nothing of the block."""
        before = sys.gettrace()
        with warnings.catch_warnings():
            # Each is to be heard every time, and is told by the report.
            warnings.simplefilter("always", TracerWarning)
            self._warn, warnings.showwarning = warnings.showwarning, self._heard
            sys.settrace(self._call)
            try:
                yield
            finally:
                sys.settrace(before)

    def runs(self, file: str, lines: tuple[int, int]) -> int:
        """How often a statement with these lines was begun."""
        first, last = lines
        steps = self.steps.get(file, Counter())
        return sum(
            count for (before, line), count in steps.items() if line == first and not first <= before <= last
        )

    def _call(self, frame: FrameType, event: str, argument: Any) -> Callable[..., Any] | None:
        name = frame.f_code.co_filename
        if library_of(name) is not None:
            return None
        self._last[id(frame)] = 0
        return self._line

    def _line(self, frame: FrameType, event: str, argument: Any) -> Callable[..., Any]:
        if event == "return":
            self._last.pop(id(frame), None)
        if event != "line":
            return self._line
        name, line = frame.f_code.co_filename, frame.f_lineno
        self.steps.setdefault(name, Counter())[self._last.get(id(frame), 0), line] += 1
        self._last[id(frame)] = line
        for one in self.file(name).starting.get(line, ()):
            if (name, one) not in self.met and met_tensors(one, _names_of(frame)):
                self.met[name, one] = None
        return self._line

    def _heard(
        self, message: Any, category: type[Warning], filename: str, lineno: int, *rest: Any, **named: Any
    ) -> None:
        if not issubclass(category, TracerWarning):
            self._warn(message, category, filename, lineno, *rest, **named)
            return
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename == warnings.__file__:
            frame = frame.f_back
        innermost, found = frame, list[tuple[str, Position]]()
        first: FrameType | None = None
        while frame is not None:
            if frame.f_trace == self._line:
                first = first or frame
                found.append((frame.f_code.co_filename, _position(frame)))
            frame = frame.f_back
        if first is None or len(self.readings) > _MOST_READINGS:
            return
        words = str(message).partition(". ")[0]
        if _MADE.search(words) and not self._is_made_of_tensors(first, found[0][1]):
            return
        if _ASKED.search(words) and library_of(innermost.f_code.co_filename if innermost else "") == "torch":
            return
        self.readings[Reading(words, tuple(found))] = None

    def _is_made_of_tensors(self, frame: FrameType, position: Position) -> bool:
        nodes = self.file(frame.f_code.co_filename).node_at(position)
        return not nodes or holds_tensors(nodes[0], _names_of(frame))


def _names_of(frame: FrameType) -> Callable[[str], Any]:
    def value_of(name: str) -> Any:
        return frame.f_locals[name] if name in frame.f_locals else frame.f_globals.get(name, Unknown)

    return value_of


def _position(frame: FrameType) -> Position:
    """The piece of source that a call runs at present."""
    for place, position in enumerate(frame.f_code.co_positions()):
        if place == frame.f_lasti // 2:
            first, last, start, end = position
            if first is not None and last is not None and start is not None and end is not None:
                return first, last, start, end
    return frame.f_lineno, frame.f_lineno, 0, 0
