"""Sealing: the manifest goes into a finished zip file, with the digests of all that the file holds."""

import os
import zipfile
from dataclasses import replace
from pathlib import Path

from namedtorch.archive.container import Container, check_folder, opened
from namedtorch.archive.content import is_intact
from namedtorch.archive.digest import digests_of, group_of
from namedtorch.archive.directory import Record, folded
from namedtorch.archive.manifest import AGAIN, MANIFEST_NAME, Manifest
from namedtorch.archive.seal_flat import verify_flat
from namedtorch.archive.sentence import one_line, reason
from namedtorch.archive.version import SCHEMA_VERSION
from namedtorch.diagnostics import ArchiveError

_EXTRA = f"extra/{MANIFEST_NAME}"
_RENAME = "loaded again, the model would be another one: rename one of the two Python modules or classes"


def seal(path: Path, manifest: Manifest, where: str | None = None) -> Manifest:
    """Hashes the records of a zip of TorchScript's or torch.export's without manifest, and appends the manifest to it.

    Returns the manifest with the digests, as it then reads back. The records stay where they are. The file is written
    in place: the caller gives a temporary one, renames it, and says in `where` what messages are to call it. Raises
    ArchiveError, and leaves the file as it is, for one that has a manifest, is neither, or holds records that torch
    would mix up.
    """
    where = one_line(os.fspath(path)) if where is None else where
    with opened(path, where, _RENAME) as container:
        if container.find(_EXTRA) is not None:
            raise ArchiveError(
                f"{where}: has a manifest already, which is not replaced; lower the model again"
            )
        if container.find("constants.pkl") is None and not container.is_exported:
            raise ArchiveError(
                f"{where}: is no TorchScript file and no torch.export archive, which alone carry a manifest so"
            )
        check_folder(container, where)
        digests = digests_of(container.file, _described(container))
        folder = container.folder
    sealed = replace(manifest, digests=digests, schema_version=SCHEMA_VERSION)
    data = sealed.to_json()
    # A fixed date: equal models make equal files.
    record = zipfile.ZipInfo(f"{folder}/{_EXTRA}", date_time=(1980, 1, 1, 0, 0, 0))
    try:
        with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED) as file:
            file.writestr(record, data)
    except OSError as error:
        raise ArchiveError(f"can't write {where!r}: {reason(error)}") from error
    return sealed


def verify(path: str | os.PathLike[str], manifest: Manifest, where: str) -> None:
    """Holds every record of an archive against the digests in its manifest: one read of the file, and one hash.

    A manifest without digests, as schema 1 wrote it, passes. Raises ArchiveError, one line that starts with `where`,
    for records that were changed, added, removed or renamed: it names the group, and a record of it where one's own
    checksum says that it was changed.
    """
    if not manifest.digests:
        return
    if manifest.format in ("onnx", "executorch"):
        verify_flat(path, manifest, where)
        return
    with opened(path, where) as container:
        check_folder(container, where)
        records = _described(container)
        found = digests_of(container.file, records)
        changed = [group for group in _SAID if found[group] != manifest.digests.get(group)]
        if changed:
            said = " and ".join(_SAID[group] for group in changed)
            raise ArchiveError(
                f"{where}: {said} changed since the file was saved{_culprit(container, records, changed)}; {AGAIN}"
            )


_SAID = {
    "weights": "its weights",
    "code": "its code",
    "constants": "its constants",
    "other": "its other records",
}


def _described(container: Container) -> dict[str, Record]:
    """The records that digests describe, all but the manifest, by their names without the folder."""
    start = len(container.folder) + 1
    named = {record.name[start:]: record for record in container.records}
    return {name: record for name, record in named.items() if folded(name) != _EXTRA}


def _culprit(container: Container, records: dict[str, Record], groups: list[str]) -> str:
    """The first record of the groups that its checksum contradicts, as part of a sentence; "" where there is none."""
    for name, record in sorted(records.items()):
        if group_of(name) in groups and not is_intact(container.file, record):
            return f" (record {one_line(repr(name), 80)} is damaged)"
    return " (records were added, removed, renamed or replaced)"
