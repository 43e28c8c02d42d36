"""Patterns of paths, as `exclude` and `per-file-ignores` write them."""

import re
from collections.abc import Sequence
from functools import cache


def matches(pattern: str, path: str) -> bool:
    """Whether a pattern takes a path, relative to the project's root with `/` between its parts, or a folder of it.

    A pattern without `/` is held against each part of the path, one with `/` against the path from the root on; `*`
    and `**` stand for any text, `/` among it, `?` for one character.
    """
    pattern = pattern.removeprefix("./").rstrip("/")
    parts = path.split("/")
    if "/" not in pattern:
        return any(_compiled(pattern).match(part) for part in parts)
    taken = _compiled(pattern.lstrip("/"))
    return any(taken.match("/".join(parts[:end])) for end in range(len(parts), 0, -1))


def matches_any(patterns: Sequence[str], path: str) -> bool:
    """Whether one of the patterns takes a path."""
    return any(matches(pattern, path) for pattern in patterns)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    text = re.escape(pattern)
    # `**/` may also stand for nothing: `**/vendor/x.py` takes vendor/x.py at the root.
    for wild, meaning in ((r"\*\*/", "(?:.*/)?"), (r"\*", ".*"), (r"\?", ".")):
        text = text.replace(wild, meaning)
    return re.compile(f"(?s:{text})\\Z")
