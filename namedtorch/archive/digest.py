"""Digests of the records of an archive, by what they hold.

| group | records |
|---|---|
| weights | `data/*`: the bytes of parameters, buffers and other tensors of modules |
| constants | `constants/*`, `constants.pkl`: tensors of the graph, which in a frozen model the weights are |
| code | `code/*.py`, `data.pkl` (modules and their attributes), `bytecode.pkl`, `models/*`, `version`, `byteorder` |
| other | everything else: source positions, torch's id of the file, extra files; not the manifest |

A digest is the sha256 over the group's records in the order of their names: of each, the length of its name and of its
content (8 bytes each, little end first), the name without the archive's folder in UTF-8, and the unpacked content.
Two saves of one graph have equal digests under any name of the file; equal weights have equal digests of weights in any
file, .pt or .ptl. An ONNX or ExecuTorch file has no records: its one digest, "file", is the sha256 of its bytes without
those of the manifest.
"""

import hashlib
import struct
from collections.abc import Mapping
from io import FileIO

from namedtorch.archive.content import blocks
from namedtorch.archive.directory import Record

GROUPS = ("code", "constants", "other", "weights")
"""The groups; each record but the manifest is in one of them."""

WHOLE = "file"
"""The one group of a file that is no zip: all of its bytes but those of the manifest."""

_PROGRAM = {"data.pkl", "bytecode.pkl", "version", "byteorder"}


def group_of(name: str) -> str:
    """The group of a record, by its name without the archive's folder."""
    if name.startswith("data/"):
        return "weights"
    if name.startswith("constants/") or name == "constants.pkl":
        return "constants"
    if name in _PROGRAM or name.startswith("models/") or (name.startswith("code/") and name.endswith(".py")):
        return "code"
    return "other"


def digests_of(file: FileIO, records: Mapping[str, Record]) -> dict[str, str]:
    """The digest of each group of these records, by their names without the folder; reads all of them once.

    Raises BrokenZip for a record that is cut off or can't be unpacked.
    """
    hashes = {group: hashlib.sha256() for group in GROUPS}
    for name, record in sorted(records.items()):
        chosen = hashes[group_of(name)]
        data = name.encode()
        chosen.update(struct.pack("<2Q", len(data), record.size) + data)
        for block in blocks(file, record):
            chosen.update(block)
    return {group: one.hexdigest() for group, one in hashes.items()}
