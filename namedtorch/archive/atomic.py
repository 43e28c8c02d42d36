"""Files that are there whole, or not at all."""

import os
import stat
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from namedtorch.archive.leftover import working_folder
from namedtorch.archive.sentence import one_line, reason
from namedtorch.diagnostics import ArchiveError


@contextmanager
def atomic(path: str | os.PathLike[str]) -> Generator[Path]:
    """Yields a path to write to; what was written there replaces `path` when the block ends without an error.

    Else, and when the process is killed, the old file stays as it was. The yielded path has the file name of
    `path` (torch names the records of an archive after it) and lies in a new folder beside it, so that the
    move is one rename; the next save in that place removes what a killed one left. A symbolic link stays one: the file
    that it points to is replaced. Raises ArchiveError where `path` can't be written; what the block raises passes
    through.
    """
    try:
        target = Path(os.path.realpath(path))
        mode = _writable(target)
    except ArchiveError:
        raise
    except ValueError as error:
        # A path that no file can have, such as one with a null character.
        raise ArchiveError(
            f"can't write {os.fspath(path)!r}: {one_line(str(error))}; check the path"
        ) from error
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(working_folder(target.parent))
        except OSError as error:
            raise ArchiveError(f"can't write {str(path)!r}: {reason(error)}") from error
        temporary = folder / target.name
        yield temporary
        if not temporary.exists():
            raise FileNotFoundError(f"nothing was written for {str(path)!r}")
        try:
            if mode is not None:
                temporary.chmod(mode)
            _flush(temporary)
            os.replace(temporary, target)
        except OSError as error:
            raise ArchiveError(f"can't write {str(path)!r}: {reason(error)}") from error
    if os.name == "posix":
        # The file is in its place already, also where the file system has no flush for folders.
        with suppress(OSError):
            _flush(target.parent)


def _writable(target: Path) -> int | None:
    """The permissions of the file that is to be replaced, None if there is none.

    Raises ArchiveError for what no rename may replace: a folder, a device such as /dev/null, a pipe.
    """
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        if not target.parent.is_dir():
            raise ArchiveError(
                f"can't write {str(target)!r}: there is no folder {str(target.parent)!r}; create it first"
            ) from None
        return None
    except OSError as error:
        raise ArchiveError(f"can't write {str(target)!r}: {reason(error)}") from error
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "no plain file"
        raise ArchiveError(f"can't write {str(target)!r}: it is {kind}; give the path of a file")
    return stat.S_IMODE(mode)


def _flush(path: Path) -> None:
    """Waits until the disk holds the file, or the folder's list of names."""
    # Windows flushes only what is open for writing; POSIX opens a folder only for reading.
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
