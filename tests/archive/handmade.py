"""Zip files made byte by byte, with anything wrong in them that a writer would not let through."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A record; what is None is as it should be. `local_*` is what its own header says, the rest the directory."""

    name: str | bytes
    data: bytes = b""
    method: int = 0
    flags: int = 0
    crc: int | None = None
    packed: int | None = None
    size: int | None = None
    header: int | None = None
    disk: int = 0
    needed: int = 20
    attributes: int = 0
    extra: bytes = b""
    mark: bytes = b"PK\1\2"
    local_name: bytes | None = None
    local_method: int | None = None
    local_flags: int | None = None
    local_size: int | None = None
    local_crc: int | None = None
    local_mark: bytes = b"PK\3\4"
    local_extra: bytes = b""
    local_date: int = 0
    date: int = 0
    writer: int = 20
    inner: int = 0
    comment: bytes = b""
    behind: bytes = b""

    @property
    def encoded(self) -> bytes:
        return self.name.encode() if isinstance(self.name, str) else self.name

    @property
    def content(self) -> bytes:
        if self.method != 8:
            return self.data
        packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        return packer.compress(self.data) + packer.flush()

    def numbers(self) -> tuple[int, int, int]:
        crc = zlib.crc32(self.data) if self.crc is None else self.crc
        packed = len(self.content) if self.packed is None else self.packed
        return crc, packed, len(self.data) if self.size is None else self.size


def local(entry: Entry) -> bytes:
    """A record with its header before it."""
    name = entry.encoded if entry.local_name is None else entry.local_name
    crc, packed, size = entry.numbers()
    header = struct.pack(
        "<4s5H3I2H",
        entry.local_mark,
        entry.needed,
        entry.flags if entry.local_flags is None else entry.local_flags,
        entry.method if entry.local_method is None else entry.local_method,
        0,
        entry.local_date,
        crc if entry.local_crc is None else entry.local_crc,
        packed if entry.local_size is None else entry.local_size,
        size if entry.local_size is None else entry.local_size,
        len(name),
        len(entry.local_extra),
    )
    return header + name + entry.local_extra + entry.content + entry.behind


def central(entry: Entry, header: int) -> bytes:
    """A record's entry in the directory."""
    crc, packed, size = entry.numbers()
    place = header if entry.header is None else entry.header
    fixed = struct.pack(
        "<4s6H3I5H2I",
        entry.mark,
        entry.writer,
        entry.needed,
        entry.flags,
        entry.method,
        0,
        entry.date,
        crc,
        packed,
        size,
        len(entry.encoded),
        len(entry.extra),
        len(entry.comment),
        entry.disk,
        entry.inner,
        entry.attributes,
        place,
    )
    return fixed + entry.encoded + entry.extra + entry.comment


def zipped(
    entries: Sequence[Entry],
    *,
    before: bytes = b"",
    between: bytes = b"",
    behind: bytes = b"",
    comment: bytes = b"",
    count: int | None = None,
    here: int | None = None,
    length: int | None = None,
    offset: int | None = None,
    disk: int = 0,
    adjust: bool = True,
    large: bool = False,
    **large_fields: int,
) -> bytes:
    """The file: `before`, records, `between`, directory, end, `behind`; `adjust` counts `before` in all places."""
    shift = len(before) if adjust else 0
    body, directory = b"", b""
    for entry in entries:
        directory += central(entry, shift + len(body))
        body += local(entry)
    body += between
    count = len(entries) if count is None else count
    here = count if here is None else here
    length = len(directory) if length is None else length
    offset = shift + len(body) if offset is None else offset
    end = b""
    if large:
        said = {"count": count, "length": length, "offset": offset, "disks": 1, "rest": 44} | large_fields
        place = large_fields.get("place", shift + len(body) + len(directory))
        end += struct.pack(
            "<4sQ2H2I4Q",
            b"PK\6\6",
            said["rest"],
            45,
            45,
            0,
            0,
            said["count"],
            said["count"],
            said["length"],
            said["offset"],
        )
        end += struct.pack("<4sIQI", b"PK\6\7", 0, place, said["disks"])
    end += struct.pack("<4s4H2IH", b"PK\5\6", disk, disk, here, count, length, offset, len(comment))
    return before + body + directory + end + comment + behind
