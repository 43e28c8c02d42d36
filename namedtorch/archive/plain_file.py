"""An archive as a plain file, opened to be read."""

import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from io import FileIO

from namedtorch.archive.sentence import one_line, reason
from namedtorch.archive.targets import SUFFIXES
from namedtorch.diagnostics import ArchiveError


@contextmanager
def plain_file(path: str | os.PathLike[str], where: str) -> Generator[tuple[FileIO, int]]:
    """A file, unbuffered, and its size in bytes.

    Raises ArchiveError, one line that starts with `where`, for a path that leads to no plain file, and for what the
    system says while the block reads.
    """
    try:
        with _opened(path, where) as file:
            yield file, os.fstat(file.fileno()).st_size
    except OSError as error:
        raise ArchiveError(f"{where}: can't be read ({reason(error)}); check the path") from error


def _opened(path: str | os.PathLike[str], where: str) -> FileIO:
    try:
        # Opening a pipe would wait for a writer: what the file is comes first.
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "no plain file"
            known = ", ".join(SUFFIXES.values())
            raise ArchiveError(f"{where}: is {kind}; give the path of an archive ({known})")
        return open(path, "rb", buffering=0)
    except ArchiveError:
        raise
    except ValueError as error:
        # A path that no file can have, such as one with a null character.
        raise ArchiveError(f"{where}: can't be read ({one_line(str(error))}); check the path") from error
