"""Changes of a zip as its records, after which its sums and digests are right again, or of its fields."""

import hashlib
import json
import random
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any

from namedtorch.archive.digest import GROUPS, group_of
from tests.archive.handmade import Entry, zipped
from tests.fuzz.json_mutators import Mutate, mutated_json, mutated_text, signed

_MANIFEST = "extra/namedtorch.json"
_SMALL = ["flags", "disk", "needed", "writer", "inner", "date", "local_date", "local_flags"]
_LARGE = ["crc", "packed", "size", "header", "attributes", "local_size", "local_crc"]
_BYTES = ["extra", "behind", "local_name", "local_extra", "comment"]


def mutated_zip(data: bytes, most: int, draw: random.Random, mutate: Mutate) -> bytes:
    """A zip with its records changed and its sums right, its entries wrong, or changed as bytes."""
    if draw.random() < 0.3:
        return mutate(data, most)
    entries = entries_of(data)
    if not entries:
        return mutate(data, most)
    for _ in range(draw.choice((1, 1, 2, 3))):
        place = draw.randrange(len(entries))
        entries[place] = _entry(entries[place], draw, mutate)
        match draw.randrange(12):
            case 0:
                entries.append(draw.choice(entries))
            case 1 if len(entries) > 1:
                entries.pop(draw.randrange(len(entries)))
            case 2:
                draw.shuffle(entries)
            case _:
                pass
    if draw.random() < 0.7:
        entries = resealed(entries)
    options: dict[str, Any] = {"large": draw.random() < 0.3}
    if draw.random() < 0.1:
        options[draw.choice(["count", "here", "length", "offset", "disk"])] = draw.choice([0, 1, 2, 65535])
    if draw.random() < 0.1:
        options[draw.choice(["before", "between", "behind", "comment"])] = draw.randbytes(draw.randrange(30))
    try:
        return zipped(entries, **options)[:most]
    except Exception:
        return mutate(data, most)


def resealed(entries: list[Entry]) -> list[Entry]:
    """The records with the digests of their groups in the manifest, as `namedtorch.archive.digest` says it."""
    hashes = {group: hashlib.sha256() for group in GROUPS}
    named = {str(one.name).partition("/")[2]: one for one in entries}
    for name, one in sorted(named.items()):
        if name.lower() != _MANIFEST:
            key = name.encode("utf-8", "surrogatepass")
            chosen = hashes[group_of(name)]
            chosen.update(struct.pack("<2Q", len(key), len(one.data)) + key + one.data)
    return [_with_digests(one, hashes) if str(one.name).endswith(_MANIFEST) else one for one in entries]


def _with_digests(entry: Entry, hashes: Mapping[str, Any]) -> Entry:
    try:
        document = json.loads(entry.data)
        document["digests"] = {group: one.hexdigest() for group, one in hashes.items()}
        return replace(entry, data=signed(document))
    except (ValueError, RecursionError, TypeError):
        return entry


def entries_of(data: bytes) -> list[Entry]:
    """The records of a zip, as far as Python's zipfile reads it."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as file:
            return [Entry(one.filename, file.read(one), method=one.compress_type) for one in file.infolist()]
    # A reader of Python's has many ways to refuse a file.
    except Exception:
        return []


def _entry(entry: Entry, draw: random.Random, mutate: Mutate) -> Entry:
    match draw.randrange(8):
        case 0:
            name = entry.name if isinstance(entry.name, str) else ""
            folder, _, rest = name.partition("/")
            return replace(
                entry, name=draw.choice([name.upper(), f"{folder}/{mutated_text(rest, draw, mutate)}", rest])
            )
        case 1:
            return replace(entry, method=draw.choice((0, 8, 8, 12)))
        case 2:
            field = draw.choice(_SMALL + _LARGE)
            value = draw.choice([0, 1, 8, 16, len(entry.data), 65535, 2**32 - 1])
            return replace(entry, **{field: value & 0xFFFF if field in _SMALL else value})
        case 3:
            field = draw.choice(_BYTES)
            return replace(entry, **{field: draw.randbytes(draw.choice((1, 4, 20)))})
        case _:
            if str(entry.name).endswith(".json"):
                return replace(entry, data=mutated_json(entry.data, 48_000, draw, mutate))
            return replace(entry, data=mutate(entry.data, len(entry.data) + 64))
