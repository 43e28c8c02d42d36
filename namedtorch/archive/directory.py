"""The directory of a zip file, read strictly: every reader finds the same records, and each byte belongs to one.

The readers of an archive (torch's, zipfile, unzip) differ in what they make of a file that is not as their own
writers would have written it. What they could differ in is refused here, before any of them sees the file.
"""

import os
import struct
from collections.abc import Callable, Iterator
from io import FileIO
from itertools import pairwise
from typing import NamedTuple

from namedtorch.archive.sentence import one_line

STORED = 0
DEFLATED = 8

LONGEST_DIRECTORY = 16 * 2**20
"""The most bytes that a directory may have."""

MOST_RECORDS = 100_000
"""The most records that a file may have."""

_END = struct.Struct("<4s4H2IH")
_END_64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR_64 = struct.Struct("<4sIQI")
_ENTRY = struct.Struct("<4s6H3I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")
_MARK_16, _MARK_32 = 0xFFFF, 0xFFFFFFFF
_LONGEST_COMMENT = 0xFFFF

# The version of the zip format, times ten, up to which all readers read.
_NEWEST = 63

# Encrypted, patched, strongly encrypted, names masked.
_UNREADABLE = 0x1 | 0x20 | 0x40 | 0x2000
_SIZES_FOLLOW = 0x8
_FOLDER = 0x10
_LONGEST_DESCRIPTOR = 24

_MOST_UNPACKED = 64 * 2**20
_MOST_RATIO = 64


class BrokenZip(ValueError):
    """A file that is no zip as torch writes it; the text is the end of a sentence that starts with the file."""


class MixedUp(BrokenZip):
    """A file with two records that torch can't tell apart, which torch itself may have written."""


class Record(NamedTuple):
    """One record: `size` bytes of content, `packed` bytes from `start` on; its header stands at `header`."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    header: int
    start: int


def read_directory(file: FileIO, size: int) -> tuple[Record, ...]:
    """The records of a zip of `size` bytes, in the order of its directory.

    Reads the directory and the header of each record, not the records. Raises BrokenZip for a file that is cut off, has
    bytes before, between or behind its records, records that overlap, are encrypted, packed otherwise than by deflate,
    unpack to over 64 MiB and over 64 times their bytes, have names that are not those in their headers, that lead
    outside of the archive, or that torch can't tell from another's (it ignores the case of letters).
    """
    count, length, offset = _end(file, size)
    if length > LONGEST_DIRECTORY or count > MOST_RECORDS:
        raise _broken("its directory is too large")
    entries = list(_entries(read_at(file, offset, length), count))
    _check_names([entry.name for entry, _ in entries])
    _check_sizes([entry for entry, _ in entries])
    return tuple(_placed(file, entries, offset))


def read_at(file: FileIO, offset: int, length: int) -> bytes:
    """These bytes of a file; raises BrokenZip where it ends before."""
    if _PREAD is not None:
        data = _PREAD(file.fileno(), length, offset)
        if len(data) == length:
            return data
    file.seek(offset)
    data = file.read(length)
    # One read of the system may give less than what was asked for.
    while len(data) < length:
        more = file.read(length - len(data))
        if not more:
            raise _broken("it ends too early")
        data += more
    return data


_PREAD: Callable[[int, int, int], bytes] | None = getattr(os, "pread", None)
"""One call of the system for a read at a place; Windows has none."""


def folded(name: str) -> str:
    """The name of a record as torch compares it: without the case of letters, which are those of ASCII."""
    return name.encode().lower().decode()


def _broken(problem: str) -> BrokenZip:
    return BrokenZip(f"is cut off or broken ({problem})")


def _end(file: FileIO, size: int) -> tuple[int, int, int]:
    """Number of records, length and offset of the directory, which ends where its end record begins."""
    if size < _END.size:
        raise _broken("it is too short for a zip file")
    at = size - _END.size
    mark, disk, first_disk, here, count, length, offset, comment = _END.unpack(read_at(file, at, _END.size))
    if mark != b"PK\5\6" or comment:
        tail = read_at(file, max(0, at - _LONGEST_COMMENT), min(size, _END.size + _LONGEST_COMMENT))
        behind = len(tail) - tail.rfind(b"PK\5\6")
        follow = _END.size <= behind <= len(tail)
        raise _broken("other bytes follow its end" if follow else "its end is missing")
    if disk or first_disk or here != count:
        raise _broken("it is one part of several")
    large = _end_64(file, at)
    if large is not None:
        small = (count, length, offset)
        marks = (_MARK_16, _MARK_32, _MARK_32)
        if any(a not in (b, mark) for a, b, mark in zip(small, large[:3], marks, strict=True)):
            raise _broken("its two ends contradict each other")
        count, length, offset, at = large
    if offset + length != at:
        raise _broken("its directory is not where it says")
    return count, length, offset


def _end_64(file: FileIO, end: int) -> tuple[int, int, int, int] | None:
    """The numbers of the end record of a large file, and its place, if one stands before the `end`."""
    before = _LOCATOR_64.size + _END_64.size
    if end < before:
        return None
    mark, disk, place, disks = _LOCATOR_64.unpack(read_at(file, end - _LOCATOR_64.size, _LOCATOR_64.size))
    if mark != b"PK\6\7":
        return None
    at = end - before
    found = _END_64.unpack(read_at(file, at, _END_64.size))
    mark, rest, _, _, own_disk, first_disk, here, count, length, offset = found
    if place != at or mark != b"PK\6\6" or rest != _END_64.size - 12:
        raise _broken("its second end is not where it says")
    if disk or own_disk or first_disk or disks != 1 or here != count:
        raise _broken("it is one part of several")
    return count, length, offset, at


def _entries(data: bytes, count: int) -> Iterator[tuple[Record, int]]:
    """The records of a directory, whose `start` is not known yet, and their flags."""
    # Each has at least this many bytes, so that a number that is made up ends here.
    if count * _ENTRY.size > len(data):
        raise _broken("its directory is cut off")
    at = 0
    for _ in range(count):
        if at + _ENTRY.size > len(data):
            raise _broken("its directory is cut off")
        mark, _, needed, flags, method, _, _, *numbers = _ENTRY.unpack_from(data, at)
        crc, packed, size, names, extras, comments, disk, _, attributes, header = numbers
        at += _ENTRY.size
        if mark != b"PK\1\2" or at + names + extras + comments > len(data):
            raise _broken("its directory is damaged")
        name = _name(data[at : at + names])
        extra = data[at + names : at + names + extras]
        at += names + extras + comments
        if _MARK_32 in (packed, size, header):
            size, packed, header = _large(extra, size, packed, header)
        if disk:
            raise _broken("it is one part of several")
        if needed > _NEWEST or flags & _UNREADABLE or method not in (STORED, DEFLATED):
            raise BrokenZip(
                f"has a record {one_line(repr(name), 80)} that is encrypted or packed in a way torch doesn't read"
            )
        if size and (attributes & _FOLDER or name.endswith("/")):
            # torch reads nothing of it, and takes what was in memory for its content.
            raise _broken(f"record {one_line(repr(name), 80)} says that it is a folder")
        if method == STORED and packed != size:
            raise _broken(f"record {one_line(repr(name), 80)} has two sizes")
        yield Record(name, method, crc, packed, size, header, -1), flags
    if at != len(data):
        raise _broken("its directory holds more than its records")


def _name(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise _broken(f"record {one_line(repr(data), 80)} has a name that is not UTF-8") from None


def _large(extra: bytes, *numbers: int) -> tuple[int, ...]:
    """Size, packed size and place, of which those that do not fit into 32 bits stand in the entry's extra part."""
    found: bytes | None = None
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            if found is not None:
                raise _broken("a record has two sizes")
            found = extra[at + 4 : at + 4 + length]
        at += 4 + length
    wide = sum(number == _MARK_32 for number in numbers)
    if found is None or at != len(extra) or len(found) != 8 * wide:
        raise _broken("the size of a record is damaged")
    values = iter(struct.unpack(f"<{wide}Q", found))
    return tuple(next(values) if number == _MARK_32 else number for number in numbers)


def _check_names(names: list[str]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        # A folder's own record ends with its slash.
        parts = name.removesuffix("/").split("/")
        if not {"", ".", ".."}.isdisjoint(parts) or "\\" in name or "\0" in name:
            raise BrokenZip(f"has a record named {one_line(repr(name), 80)}, outside of the archive")
        other = seen.setdefault(folded(name), name)
        if other is not name:
            both = f"two records named {name!r}" if name == other else f"records {other!r} and {name!r}"
            raise MixedUp(
                f"has {one_line(both, 200)}, which torch can't tell apart (it ignores the case of letters)"
            )


def _check_sizes(entries: list[Record]) -> None:
    """Refuses what would unpack to much more than it is; the sizes are held to when records are read."""
    packed = [entry for entry in entries if entry.method == DEFLATED]
    most = max(_MOST_UNPACKED, _MOST_RATIO * sum(entry.packed for entry in packed))
    total = sum(entry.size for entry in packed)
    if total > most:
        raise BrokenZip(f"would unpack to {total} bytes, at most {most} of a file of this size")


def _placed(file: FileIO, entries: list[tuple[Record, int]], end: int) -> Iterator[Record]:
    """The records with their `start`, each held against the header that stands before its content."""
    order = sorted(range(len(entries)), key=lambda one: entries[one][0].header)
    following = {one: entries[after][0].header for one, after in pairwise(order)}
    if order and entries[order[0]][0].header != 0:
        raise _broken("other bytes stand before its first record")
    if not order and end != 0:
        raise _broken("other bytes stand before its directory")
    for place, (entry, flags) in enumerate(entries):
        start = _start(file, entry, flags, end)
        rest = following.get(place, end) - start - entry.packed
        if rest < 0:
            raise _broken(f"record {one_line(repr(entry.name), 80)} runs into the next")
        # Behind a record whose header was written before its size was known stands what was found out.
        if rest > (_LONGEST_DESCRIPTOR if flags & _SIZES_FOLLOW else 0):
            raise _broken(f"other bytes follow record {one_line(repr(entry.name), 80)}")
        yield entry._replace(start=start)


def _start(file: FileIO, entry: Record, flags: int, end: int) -> int:
    """Where the content of a record starts; raises BrokenZip for a header that says otherwise than the directory."""
    name = entry.name.encode()
    length = _LOCAL.size + len(name)
    if entry.header + length > end:
        raise _broken(f"record {one_line(repr(entry.name), 80)} is not where the directory says")
    data = read_at(file, entry.header, length)
    mark, _, own_flags, method, _, _, crc, packed, size, names, extras = _LOCAL.unpack_from(data)
    if mark != b"PK\3\4":
        raise _broken(f"record {one_line(repr(entry.name), 80)} is not where the directory says")
    if names != len(name) or data[_LOCAL.size :] != name:
        raise _broken(f"record {one_line(repr(entry.name), 80)} has another name in its header")
    if method != entry.method or (own_flags ^ flags) & (_UNREADABLE | _SIZES_FOLLOW):
        raise _broken(f"record {one_line(repr(entry.name), 80)} is packed otherwise in its header")
    known = ((crc, entry.crc), (packed, entry.packed), (size, entry.size))
    # Sizes of over 32 bits, and those that follow the content, do not stand here.
    if not flags & _SIZES_FOLLOW and any(own not in (said, _MARK_32) for own, said in known):
        raise _broken(f"record {one_line(repr(entry.name), 80)} has other sizes in its header")
    return entry.header + length + extras
