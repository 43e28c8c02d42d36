"""What holds for whole files: what is read is what every other reader reads, or is refused."""

import os
import tempfile
import zipfile
from pathlib import Path

from namedtorch.archive.container import opened, read_archive
from namedtorch.archive.content import read_content
from namedtorch.archive.seal import verify
from namedtorch.diagnostics import ArchiveError
from tests.fuzz.documents import refusal, shown


def _in_memory() -> Path:
    """A file that no disk sees and that ends with the process, where the system has such files."""
    if hasattr(os, "memfd_create"):
        return Path(f"/proc/self/fd/{os.memfd_create('namedtorch')}")
    return Path(tempfile.mkdtemp()) / "archive"


FILE = _in_memory()
"""The file that each input is written to."""


def archive(data: bytes) -> bool:
    """A zip is read and verified, or refused in one line; zipfile finds the records that are found here."""
    written = written_to(data)
    whole = True
    try:
        found = read_archive(written)
        verify(written, found.manifest, str(written))
        shown(found.manifest)
    except ArchiveError as error:
        refusal(error, str(written))
        whole = False
    return _records(written) and whole


def written_to(data: bytes) -> Path:
    """The file with these bytes."""
    FILE.write_bytes(data)
    return FILE


def _records(path: Path) -> bool:
    """Holds the records of a zip, whose directory is fine, against those that Python's zipfile finds."""
    try:
        with opened(path) as container:
            ours = {record.name: read_content(container.file, record) for record in container.records}
    except ArchiveError as error:
        refusal(error, str(path))
        return False
    try:
        with zipfile.ZipFile(path) as other:
            theirs = {name: other.read(name) for name in other.namelist()}
    # What another reader refuses, in the many ways that it has, nobody is misled by.
    except Exception:
        return False
    assert ours == theirs
    return True
