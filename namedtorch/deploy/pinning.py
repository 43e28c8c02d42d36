"""A file that is pinned by the one who deploys it: its sha256, and that it stays the one that was read first."""

import os
from pathlib import Path

from namedtorch.archive.pin import check_sha256, sha256_of
from namedtorch.diagnostics import ArchiveError

_SHOWN = 12


def require_sha256(path: Path, wanted: str, where: str) -> None:
    """Raises ArchiveError, one line that starts with `where`, for a file whose sha256 is another one.

    Raises ValueError for a text that is none.
    """
    pinned = check_sha256(wanted)
    found = sha256_of(path, where)
    if found != pinned:
        # A digit that was mistyped may stand behind those that are shown.
        alike = found[:_SHOWN] == pinned[:_SHOWN]
        own, other = (one if alike else f"{one[:_SHOWN]}..." for one in (found, pinned))
        raise ArchiveError(
            f"{where}: is not the file that was pinned: its sha256 is {own}, and {other} was asked for; get that file, "
            "or pin this one if it is meant"
        )


State = tuple[int, ...]
"""What the file system tells of a file: which it is, how long, and when it was written."""


def state_of(path: Path) -> State | None:
    """The state of a file; None for one that is not there."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def require_state(path: Path, before: State | None, where: str) -> None:
    """Raises ArchiveError for a file that was replaced or written to since its state was taken."""
    if state_of(path) != before:
        raise ArchiveError(f"{where}: was changed while it was loaded; load it again")
