"""The user's line that a node of an exported graph came from."""

import re
from dataclasses import dataclass

from torch import fx

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
