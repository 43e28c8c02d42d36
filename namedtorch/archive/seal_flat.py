"""Sealing of files that are no zips: an ONNX model gets a manifest behind it, an ExecuTorch program inside."""

import os
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from namedtorch.archive.container import Archive
from namedtorch.archive.digest import WHOLE
from namedtorch.archive.flat import Flat, flat_format, open_flat, refuse_outside_data
from namedtorch.archive.manifest import AGAIN, MANIFEST_NAME, Manifest
from namedtorch.archive.onnx_file import find_manifest, manifest_field
from namedtorch.archive.plain_file import plain_file
from namedtorch.archive.sentence import one_line, reason
from namedtorch.archive.version import SCHEMA_VERSION
from namedtorch.diagnostics import ArchiveError

_NO_DIGEST = "0" * 64


def seal_onnx(path: Path, manifest: Manifest, where: str | None = None) -> Manifest:
    """Hashes an ONNX model without manifest and appends the manifest to it; returns it with the digest.

    The file is written in place: the caller gives a temporary one, renames it, and says in `where` what messages are to
    call it. Raises ArchiveError, and leaves the file as it is, for one that is no ONNX model, has a manifest, or keeps
    tensors in other files.
    """
    where = one_line(os.fspath(path)) if where is None else where
    data = _content(path, where)
    if flat_format(data[:8]) != "onnx":
        raise ArchiveError(f"{where}: is no ONNX model, to carry a manifest")
    refuse_outside_data(data, where)
    if find_manifest(lambda start, count: data[start : start + count], len(data), MANIFEST_NAME) is not None:
        raise ArchiveError(f"{where}: has a manifest already, which is not replaced; lower the model again")
    sealed = replace(
        manifest, digests={WHOLE: sha256(data).hexdigest()}, schema_version=SCHEMA_VERSION, format="onnx"
    )
    _write(path, manifest_field(MANIFEST_NAME, sealed.to_json()), where, len(data))
    return sealed


def placeholder(manifest: Manifest) -> str:
    """The text of the manifest for ExecuTorch's constant method, as long as the one that `seal_executorch` puts there.

    A program is laid out with its texts in it, so that its digest can only be filled in afterwards.
    """
    return _undigested(manifest).to_json().decode("ascii")


def seal_executorch(path: Path, manifest: Manifest, where: str | None = None) -> Manifest:
    """Hashes a program whose manifest is its `placeholder`, and fills the digest in; returns the manifest with it.

    The file is written in place, as `seal_onnx` does. Raises ArchiveError, and leaves the file as it is, for one that
    is no program, or has another manifest.
    """
    where = one_line(os.fspath(path)) if where is None else where
    data = _content(path, where)
    flat = open_flat(data, len(data), where)
    before = _undigested(manifest)
    if flat.format != "executorch" or flat.text() != before.to_json():
        raise ArchiveError(
            f"{where}: is no ExecuTorch program that waits for this manifest; lower the model again"
        )
    sealed = replace(before, digests={WHOLE: flat.digest()})
    text = sealed.to_json()
    assert len(text) == flat.span.stop - flat.span.start
    _write(path, text, where, flat.span.start)
    return sealed


def verify_flat(path: str | os.PathLike[str], manifest: Manifest, where: str) -> None:
    """Holds a file that is no zip against the digest in its manifest; raises ArchiveError as `verify` does."""
    with plain_file(path, where) as (file, size):
        _compare(open_flat(file, size, where), manifest, where)


def read_whole(archive: Archive, where: str, *, check: bool) -> bytes:
    """The bytes of an archive that is no zip, read once: those that are verified are those that a runtime gets.

    With `check` they are held against the digest. Raises ArchiveError for what was changed, for a file that is not the
    one any more whose manifest was read, and for an ONNX model that keeps tensors in other files.
    """
    manifest = archive.manifest
    data = _content(archive.path, where)
    flat = open_flat(data, len(data), where)
    if flat.format != manifest.format or flat.text() != archive.text:
        raise ArchiveError(f"{where}: was replaced while it was read; load it again")
    if check and manifest.digests:
        _compare(flat, manifest, where)
    if flat.format == "onnx":
        refuse_outside_data(data, where)
    return data


def _compare(flat: Flat, manifest: Manifest, where: str) -> None:
    if flat.digest() != manifest.digests.get(WHOLE):
        raise ArchiveError(f"{where}: its content changed since the file was saved; {AGAIN}")


def _undigested(manifest: Manifest) -> Manifest:
    return replace(manifest, digests={WHOLE: _NO_DIGEST}, schema_version=SCHEMA_VERSION, format="executorch")


def _content(path: str | os.PathLike[str], where: str) -> bytes:
    with plain_file(path, where) as (file, _):
        return file.readall()


def _write(path: Path, data: bytes, where: str, at: int) -> None:
    try:
        with open(path, "r+b") as file:
            file.seek(at)
            file.write(data)
    except OSError as error:
        raise ArchiveError(f"can't write {where!r}: {reason(error)}") from error
