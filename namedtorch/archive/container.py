"""The file that carries a manifest: TorchScript's zip, read without torch."""

import errno
import io
import os
import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from namedtorch.archive.document import LONGEST
from namedtorch.archive.manifest import AGAIN, Manifest
from namedtorch.archive.manifest import MANIFEST_NAME as MANIFEST_NAME
from namedtorch.archive.sentence import one_line, reason
from namedtorch.diagnostics import ArchiveError

_LONGEST_READ = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Archive:
    """A file and its manifest; `size` is in bytes, `lite` says that the lite interpreter can load it too."""

    path: Path
    size: int
    lite: bool
    manifest: Manifest


def read_manifest(path: str | os.PathLike[str]) -> Manifest:
    """The manifest of an archive.

    Reads the directory of the file and the manifest, not the weights. Raises ArchiveError, one line, for a
    file that can't be read, is broken, or is no namedtorch archive.
    """
    return read_archive(path).manifest


def read_archive(path: str | os.PathLike[str]) -> Archive:
    """The manifest of an archive, and what its file is; raises as `read_manifest` does."""
    where = one_line(os.fspath(path))
    try:
        # Opening a pipe would wait for a writer: what the file is comes first.
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "no plain file"
            raise ArchiveError(f"{where}: is {kind}; give the path of an archive (.pt, .ptl)")
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            names, data = _read(file, size, where)
    except OSError as error:
        raise ArchiveError(f"{where}: can't be read ({reason(error)}); check the path") from error
    except ValueError as error:
        if isinstance(error, ArchiveError):
            raise
        # A path that no file can have, such as one with a null character.
        raise ArchiveError(f"{where}: can't be read ({one_line(str(error))}); check the path") from error
    lite = any(name.endswith("/bytecode.pkl") and name.count("/") == 1 for name in names)
    return Archive(Path(path), size, lite, Manifest.from_json(data, where))


def _read(file: BinaryIO, size: int, where: str) -> tuple[list[str], bytes]:
    """The names of the records, and the bytes of the manifest."""
    if size == 0:
        raise ArchiveError(f"{where}: is empty; {AGAIN}")
    start = file.read(4)
    file.seek(0)
    try:
        with zipfile.ZipFile(_Bounded(file)) as container:
            names = container.namelist()
            info = container.getinfo(_record(names, where))
            _check_record(info, where)
            with container.open(info) as record:
                return names, record.read()
    except ArchiveError:
        raise
    # zipfile raises a dozen kinds of errors for broken files (struct, zlib, Unicode, value, end of file,
    # runtime for encryption); the file is hostile, and none of them may get through as a traceback.
    except Exception as error:
        # A seek to where a broken file points is an error of the file; all others of the system are its own.
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        if start[:2] != b"PK":
            problem = "is no TorchScript file"
        else:
            problem = f"is cut off or broken ({one_line(str(error) or type(error).__name__, 120)})"
        raise ArchiveError(f"{where}: {problem}; {AGAIN}") from error


def _record(names: list[str], where: str) -> str:
    """The name of the manifest's record: `<folder>/extra/namedtorch.json`, in the folder that torch writes."""
    for name in names:
        if name.startswith("/") or ".." in name.split("/"):
            raise ArchiveError(
                f"{where}: has a record named {one_line(repr(name), 80)}, outside of the archive; {AGAIN}"
            )
    # torch takes the folder of the first record for that of all, and finds names without regard to case.
    folder = names[0].partition("/")[0] if names else ""
    wanted = f"{folder}/extra/{MANIFEST_NAME}"
    found = [name for name in names if name.casefold() == wanted.casefold()]
    if len(found) > 1:
        raise ArchiveError(
            f"{where}: holds {len(found)} manifests ({MANIFEST_NAME}), and readers may differ; {AGAIN}"
        )
    if not found:
        raise ArchiveError(f"{where}: {_foreign(folder, names)}")
    return found[0]


def _foreign(folder: str, names: list[str]) -> str:
    """What a zip without a manifest is, and what to do with it."""
    known = set(names)
    if f"{folder}/constants.pkl" in known:
        return (
            "is a TorchScript file without a manifest, not a namedtorch archive "
            "(plain torch drops the manifest when it loads and saves); lower the model again"
        )
    if f"{folder}/data.pkl" in known:
        return (
            "holds weights or a pickled model (torch.save), not a namedtorch archive; "
            "build the model, load the weights into it, and write it with namedtorch.lower(model).save(...)"
        )
    if any(name.startswith((f"{folder}/models/", "models/")) for name in names):
        return (
            "is a torch.export archive (.pt2), which namedtorch doesn't read; lower the model to TorchScript"
        )
    return "is a zip file, but not a namedtorch archive; write one with namedtorch.lower(model).save(...)"


def _check_record(info: zipfile.ZipInfo, where: str) -> None:
    """Refuses a record that no writer of ours made, before it is unpacked."""
    if info.file_size > LONGEST:
        raise ArchiveError(
            f"{where}: {MANIFEST_NAME} is too large ({info.file_size} bytes, at most {LONGEST}); {AGAIN}"
        )
    if info.flag_bits & 0x1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ArchiveError(
            f"{where}: {MANIFEST_NAME} is encrypted or packed in a way torch doesn't read; {AGAIN}"
        )


class _Bounded(io.BufferedIOBase):
    """A file that refuses to hand out more than 16 MiB at once.

    zipfile reads the directory in one piece, as long as the file says that it is; a directory of that length
    lists over 100,000 records.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int | None = -1, /) -> bytes:
        asked = -1 if size is None else size
        data = self._file.read(_LONGEST_READ + 1 if asked < 0 else min(asked, _LONGEST_READ + 1))
        if len(data) > _LONGEST_READ:
            raise zipfile.BadZipFile("its directory is too large")
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True
