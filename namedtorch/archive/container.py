"""The file that carries a manifest, read without torch: TorchScript's or torch.export's zip, or one that is none."""

import os
import shlex
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path

from namedtorch.archive.content import read_content
from namedtorch.archive.directory import BrokenZip, MixedUp, Record, folded, read_at, read_directory
from namedtorch.archive.document import LONGEST
from namedtorch.archive.flat import open_flat
from namedtorch.archive.manifest import AGAIN, Format, Manifest
from namedtorch.archive.manifest import MANIFEST_NAME as MANIFEST_NAME
from namedtorch.archive.plain_file import plain_file
from namedtorch.archive.sentence import one_line
from namedtorch.diagnostics import ArchiveError

_ZIP = b"PK"
_START = 8


@dataclass(frozen=True, slots=True)
class Archive:
    """A file and its manifest; `size` is in bytes, `lite` says that the lite interpreter can load it too."""

    path: Path
    size: int
    lite: bool
    manifest: Manifest
    text: bytes = field(default=b"", repr=False, compare=False)
    """The manifest as it stands in the file."""

    @property
    def format(self) -> Format:
        """What holds the graph."""
        return self.manifest.format


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

    @property
    def is_exported(self) -> bool:
        """Whether torch.export wrote the file, and not TorchScript."""
        return any(record.name.startswith(f"{self.folder}/models/") for record in self.records)

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
    with plain_file(path, where) as (file, size):
        start = read_at(file, 0, min(size, _START))
        lite = False
        format: Format
        if not start or start[:2] == _ZIP:
            with records(file, size, where) as container:
                data = _extra(container, where)
                lite = container.find("bytecode.pkl") is not None
                format = "export" if container.is_exported else "torchscript"
        else:
            flat = open_flat(file, size, where)
            format, data = flat.format, flat.text()
        manifest = Manifest.from_json(data, where)
    if manifest.format != format:
        raise ArchiveError(
            f"{where}: its manifest is that of another file ({manifest.format}, and this is {format}); {AGAIN}"
        )
    return Archive(Path(path), size, lite, manifest, data)


def _extra(container: Container, where: str) -> bytes:
    """The manifest among the records of a zip."""
    record = container.find(f"extra/{MANIFEST_NAME}")
    if record is None:
        raise ArchiveError(f"{where}: {_foreign(container, where)}")
    if record.size > LONGEST:
        raise ArchiveError(
            f"{where}: {MANIFEST_NAME} is too large ({record.size} bytes, at most {LONGEST}); {AGAIN}"
        )
    check_folder(container, where)
    return read_content(container.file, record)


@contextmanager
def opened(
    path: str | os.PathLike[str], where: str | None = None, mixed_up: str = AGAIN
) -> Generator[Container]:
    """A zip file whose directory holds; what the block finds broken is refused as the directory is.

    Raises ArchiveError, one line that starts with `where` or the path, for a file that can't be read or is broken;
    `mixed_up` is what to do about records that torch can't tell apart.
    """
    where = one_line(os.fspath(path)) if where is None else where
    with plain_file(path, where) as (file, size), records(file, size, where, mixed_up) as container:
        yield container


@contextmanager
def records(file: FileIO, size: int, where: str, mixed_up: str = AGAIN) -> Generator[Container]:
    """The records of an open zip file; raises as `opened` does."""
    try:
        if size == 0:
            raise ArchiveError(f"{where}: is empty; {AGAIN}")
        if read_at(file, 0, min(size, len(_ZIP))) != _ZIP:
            raise ArchiveError(
                f"{where}: is no zip file, as TorchScript and torch.export write them; {AGAIN}"
            )
        yield Container(file, size, read_directory(file, size))
    except MixedUp as error:
        raise ArchiveError(f"{where}: {error}; {mixed_up}") from error
    except BrokenZip as error:
        raise ArchiveError(f"{where}: {error}; {AGAIN}") from error


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
            "is a torch.export archive without a manifest, not a namedtorch archive; lower the model that it was made "
            'of: namedtorch.lower(model, to="export").save(...)'
        )
    return "is a zip file, but not a namedtorch archive; write one with namedtorch.lower(model).save(...)"
