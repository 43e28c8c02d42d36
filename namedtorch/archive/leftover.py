"""Folders in which files are written before they are put in place, and those that a killed process left behind."""

import contextlib
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

if sys.platform != "win32":
    import fcntl

_PREFIX = ".namedtorch-save-"
_OURS = re.compile(re.escape(_PREFIX) + r"[a-z0-9_]{8}", re.ASCII)
_STALE = 3600.0
"""Seconds after which a folder that nobody holds is taken for one of a process that was killed."""


@contextlib.contextmanager
def working_folder(parent: Path) -> Generator[Path]:
    """A new folder in `parent`, `.namedtorch-save-XXXXXXXX`, which is gone when the block ends.

    Those that killed processes left there are removed first: such a folder is over an hour old, and nobody holds its
    lock, which ends with its process. Where folders can't be locked (Windows, some network file systems) they stay.
    Raises OSError where no folder can be made.
    """
    _remove_stale(parent)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    try:
        with _held(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _held(folder: Path) -> Generator[bool]:
    """Holds the lock of a folder while the block runs; False where it can't be had."""
    if sys.platform == "win32":
        yield False
        return
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        yield False
        return
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def _remove_stale(parent: Path) -> None:
    # What can't be looked at or removed is none of a save's business.
    with contextlib.suppress(OSError), os.scandir(parent) as entries:
        for entry in entries:
            if _OURS.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False) and _is_old(entry):
                with _held(Path(entry.path)) as held:
                    if held:
                        shutil.rmtree(entry.path, ignore_errors=True)


def _is_old(entry: os.DirEntry[str]) -> bool:
    found = entry.stat(follow_symlinks=False)
    own = sys.platform == "win32" or found.st_uid == os.geteuid()
    return own and time.time() - found.st_mtime > _STALE
