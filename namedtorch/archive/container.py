"""The file that carries a manifest: TorchScript's zip, read without torch."""

import os
import shlex
import stat
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from namedtorch.archive.content import read_content
from namedtorch.archive.directory import BrokenZip, MixedUp, Record, folded, read_at, read_directory
from namedtorch.archive.document import LONGEST
from namedtorch.archive.manifest import AGAIN, Manifest
from namedtorch.archive.manifest import MANIFEST_NAME as MANIFEST_NAME
from namedtorch.archive.sentence import one_line, reason
from namedtorch.diagnostics import ArchiveError


@dataclass(frozen=True, slots=True)
class Archive:
    """A file and its manifest; `size` is in bytes, `lite` says that the lite interpreter can load it too."""

    path: Path
    size: int
    lite: bool
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Container:
    """An open file, its size in bytes, and its records in the order of its directory."""

    file: FileIO
    size: int
    records: tuple[Record, ...]

    @property
    def folder(self) -> str:
        """The folder that torch takes for that of all records: the first one's."""
        return self.records[0].name.partition("/")[0] if self.records else ""

    def find(self, name: str) -> Record | None:
        """The record of this name in the folder, letters of any case, as torch finds it."""
        wanted = folded(f"{self.folder}/{name}")
        return next((record for record in self.records if folded(record.name) == wanted), None)


def read_manifest(path: str | os.PathLike[str]) -> Manifest:
    """The manifest of an archive.

    Reads the directory of the file and the manifest, not the weights. Raises ArchiveError, one line, for a
    file that can't be read, is broken, or is no namedtorch archive.
    """
    return read_archive(path).manifest


def read_archive(path: str | os.PathLike[str]) -> Archive:
    """The manifest of an archive, and what its file is; raises as `read_manifest` does."""
    where = one_line(os.fspath(path))
    with opened(path) as container:
        record = container.find(f"extra/{MANIFEST_NAME}")
        if record is None:
            raise ArchiveError(f"{where}: {_foreign(container, where)}")
        if record.size > LONGEST:
            raise ArchiveError(
                f"{where}: {MANIFEST_NAME} is too large ({record.size} bytes, at most {LONGEST}); {AGAIN}"
            )
        check_folder(container, where)
        data = read_content(container.file, record)
        size, lite = container.size, container.find("bytecode.pkl") is not None
    return Archive(Path(path), size, lite, Manifest.from_json(data, where))


@contextmanager
def opened(
    path: str | os.PathLike[str], where: str | None = None, mixed_up: str = AGAIN
) -> Generator[Container]:
    """A file whose directory holds; what the block finds broken is refused as the directory is.

    Raises ArchiveError, one line that starts with `where` or the path, for a file that can't be read or is broken;
    `mixed_up` is what to do about records that torch can't tell apart.
    """
    where = one_line(os.fspath(path)) if where is None else where
    try:
        with _opened(path, where) as file:
            size = os.fstat(file.fileno()).st_size
            if size == 0:
                raise ArchiveError(f"{where}: is empty; {AGAIN}")
            if read_at(file, 0, min(size, 2)) != b"PK":
                raise ArchiveError(f"{where}: is no TorchScript file; {AGAIN}")
            yield Container(file, size, read_directory(file, size))
    except MixedUp as error:
        raise ArchiveError(f"{where}: {error}; {mixed_up}") from error
    except BrokenZip as error:
        raise ArchiveError(f"{where}: {error}; {AGAIN}") from error
    except OSError as error:
        raise ArchiveError(f"{where}: can't be read ({reason(error)}); check the path") from error


def _opened(path: str | os.PathLike[str], where: str) -> FileIO:
    try:
        # Opening a pipe would wait for a writer: what the file is comes first.
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "no plain file"
            raise ArchiveError(f"{where}: is {kind}; give the path of an archive (.pt, .ptl)")
        return open(path, "rb", buffering=0)
    except ArchiveError:
        raise
    except ValueError as error:
        # A path that no file can have, such as one with a null character.
        raise ArchiveError(f"{where}: can't be read ({one_line(str(error))}); check the path") from error


def check_folder(container: Container, where: str) -> None:
    """Raises ArchiveError for a record that lies outside of the archive's folder, where torch does not look."""
    start = f"{container.folder}/"
    for record in container.records:
        if not record.name.startswith(start):
            raise ArchiveError(
                f"{where}: has a record {one_line(repr(record.name), 80)} outside of its folder "
                f"{one_line(repr(container.folder), 80)}; {AGAIN}"
            )


def _foreign(container: Container, where: str) -> str:
    """What a zip without a manifest is, and what to do with it."""
    known = {record.name for record in container.records}
    folder = container.folder
    if f"{folder}/constants.pkl" in known:
        return (
            "is a TorchScript file without a manifest, not a namedtorch archive (plain torch drops the manifest when "
            "it loads and saves, and keeps the guard); take the file that was loaded, lower the model again, or give "
            f'this one a signature: namedtorch annotate {shlex.quote(where)} "image: N C=3 H W -> N 10" -o NEW'
        )
    if f"{folder}/data.pkl" in known:
        return (
            "holds weights or a pickled model (torch.save), not a namedtorch archive; "
            "build the model, load the weights into it, and write it with namedtorch.lower(model).save(...)"
        )
    if any(name.startswith((f"{folder}/models/", "models/")) for name in known):
        return (
            "is a torch.export archive (.pt2), which namedtorch doesn't read; lower the model to TorchScript"
        )
    return "is a zip file, but not a namedtorch archive; write one with namedtorch.lower(model).save(...)"
