"""The user's lines at which torch looks at sizes, noted while it exports.

torch keeps with each condition on sizes the line of its own that asked; the user's line is behind that on the stack.
"""

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from torch.fx.experimental.symbolic_shapes import ShapeEnv

from namedtorch.lower.targets.user_lines import UserLine, line_of_frame, line_written

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
    return line_written(str(getattr(place, "maybe_user_loc", None) or ""))
