"""Archives that are no zip: an ONNX model and an ExecuTorch program, with the manifest inside."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from io import FileIO
from typing import Literal

from namedtorch.archive import executorch_file, onnx_file
from namedtorch.archive.directory import BrokenZip, read_at
from namedtorch.archive.document import LONGEST
from namedtorch.archive.flatbuffer import BrokenBuffer
from namedtorch.archive.manifest import AGAIN, MANIFEST_NAME
from namedtorch.archive.protobuf import BrokenMessage
from namedtorch.archive.span import Span
from namedtorch.diagnostics import ArchiveError

FlatFormat = Literal["onnx", "executorch"]

_START = 8
_BLOCK = 256 * 2**10
_NAMES: dict[FlatFormat, str] = {"onnx": "an ONNX model", "executorch": "an ExecuTorch program"}
_FOREIGN = (
    "without a manifest, not a namedtorch archive; lower the model that it was made of: "
    'namedtorch.lower(model, to="{format}").save(...)'
)


@dataclass(frozen=True, slots=True)
class Flat:
    """A file without a directory: what it is, where its manifest stands, and what reads it."""

    format: FlatFormat
    span: Span
    size: int
    file: FileIO | bytes

    def text(self) -> bytes:
        """The manifest."""
        return _read(self.file, self.span.start, self.span.stop - self.span.start)

    def digest(self) -> str:
        """The sha256 of all bytes that do not belong to the manifest."""
        found = hashlib.sha256()
        for start, stop in ((0, self.span.begin), (self.span.end, self.size)):
            for block in _blocks(self.file, start, stop):
                found.update(block)
        return found.hexdigest()


def flat_format(start: bytes) -> FlatFormat | None:
    """What a file is by its first eight bytes; None for one that is neither."""
    if executorch_file.is_program(start):
        return "executorch"
    return "onnx" if onnx_file.is_model(start) else None


def open_flat(file: FileIO | bytes, size: int, where: str) -> Flat:
    """A model or program, by an open file or by its bytes.

    Raises ArchiveError, one line that starts with `where`, for one that is neither, is broken, or has no manifest.
    """
    try:
        format = flat_format(_read(file, 0, min(_START, size)))
        if format is None:
            raise ArchiveError(
                f"{where}: is no file that namedtorch knows (TorchScript, torch.export, ONNX, ExecuTorch); {AGAIN}"
            )
        span = _find(file, size, format)
    except (BrokenMessage, BrokenBuffer, BrokenZip) as error:
        raise ArchiveError(f"{where}: {error}; {AGAIN}") from error
    if span is None:
        raise ArchiveError(f"{where}: is {_NAMES[format]} {_FOREIGN.format(format=format)}")
    length = span.stop - span.start
    if length > LONGEST:
        raise ArchiveError(
            f"{where}: {MANIFEST_NAME} is too large ({length} bytes, at most {LONGEST}); {AGAIN}"
        )
    return Flat(format, span, size, file)


def refuse_outside_data(data: bytes | FileIO, where: str) -> None:
    """Raises ArchiveError for an ONNX model whose tensors lie in other files, which a stranger could choose."""
    size = len(data) if isinstance(data, bytes) else os.fstat(data.fileno()).st_size
    try:
        name = onnx_file.outside_data(lambda start, count: _read(data, start, count), size)
    except (BrokenMessage, BrokenZip) as error:
        raise ArchiveError(f"{where}: {error}; {AGAIN}") from error
    if name is not None:
        raise ArchiveError(
            f"{where}: keeps {name!r} in another file, and an archive is one file; lower the model again"
        )


def _find(file: FileIO | bytes, size: int, format: FlatFormat) -> Span | None:
    def read(start: int, count: int) -> bytes:
        return _read(file, start, count)

    if format == "onnx":
        return onnx_file.find_manifest(read, size, MANIFEST_NAME)
    return executorch_file.find_manifest(read, size)


def _read(file: FileIO | bytes, start: int, count: int) -> bytes:
    return file[start : start + count] if isinstance(file, bytes) else read_at(file, start, count)


def _blocks(file: FileIO | bytes, start: int, stop: int) -> Iterator[bytes | memoryview]:
    if isinstance(file, bytes):
        yield memoryview(file)[start:stop]
        return
    for place in range(start, stop, _BLOCK):
        yield read_at(file, place, min(_BLOCK, stop - place))
