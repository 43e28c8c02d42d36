"""A file that is pinned by the one who deploys it: its sha256, and that it stays the one that was read first."""

import hashlib
import os
import re
from pathlib import Path

from namedtorch.archive.plain_file import plain_file
from namedtorch.diagnostics import ArchiveError

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_SHOWN = 12


def require_sha256(path: Path, wanted: str, where: str) -> None:
    """Raises ArchiveError, one line that starts with `where`, for a file whose sha256 is another one.

    Raises ValueError for a text that is none.
    """
    if not isinstance(wanted, str) or not _SHA256.fullmatch(wanted):
        raise ValueError(
            f"sha256 is the digest of the whole file, 64 hexadecimal digits as `sha256sum` prints them, not {wanted!r}"
        )
    found = sha256_of(path, where)
    if found != wanted.lower():
        raise ArchiveError(
            f"{where}: is not the file that was pinned: its sha256 is {found[:_SHOWN]}..., and "
            f"{wanted.lower()[:_SHOWN]}... was asked for; get that file, or pin this one if it is meant"
        )


def sha256_of(path: Path, where: str) -> str:
    """The sha256 of a whole file, in hexadecimal digits; raises ArchiveError for one that can't be read."""
    with plain_file(path, where) as (file, _):
        return hashlib.file_digest(file, "sha256").hexdigest()


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
