"""The directory of a zip file, read strictly: every reader finds the same records, and each byte belongs to one.

The readers of an archive (torch's, zipfile, unzip) differ in what they make of a file that is not as their own
writers would have written it. What they could differ in is refused here, before any of them sees the file.
"""

import os
import re
import struct
from collections.abc import Callable, Iterator
from io import FileIO
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
_NAME_IS_UTF8 = 0x800
_KNOWN_FLAGS = _SIZES_FOLLOW | _NAME_IS_UTF8
_FOLDER = 0x10

# What torch and Python write into fields that say nothing of the content: the version of the format of the writer (and
# its system), and attributes (none, or a plain file's that its owner may write). Any two differ in several bits.
_WRITERS = {0, 20, 45, 0x300 | 20, 0x300 | 45}
_LARGE_WRITERS = {(0x300 | 30, 45), (45, 45)}
_ATTRIBUTES = {0, 0o600 << 16, 0o100644 << 16}

# The kinds of extra parts: sizes of over 32 bits, and torch's padding, which makes contents begin at multiples of 64.
_LARGE_SIZES, _PADDING = 1, 0x4246
_NEEDED_BY_LARGE = 45
_PADDED = struct.Struct("<2H")

# What follows a content whose size was not known before, by its length.
_DESCRIPTORS = {16: struct.Struct("<4s3I"), 24: struct.Struct("<4sI2Q")}

# A part of a name that is empty, `.` or `..`, and what is no part of a name.
_OUTSIDE = re.compile(r"(?:\A|/)\.{0,2}(?:/|\Z)|[\\\0]")
_USUAL_EXTRA = 72

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

    Reads the directory, and what stands before and behind the content of each record. Raises BrokenZip for a file that
    is cut off, has bytes before, between or behind its records, records that overlap, are encrypted, packed otherwise
    than by deflate, unpack to over 64 MiB and over 64 times their bytes, have names that lead outside of the archive,
    or that torch can't tell from another's (it ignores the case of letters). What stands twice must be the same, what
    stands once one of the few values that torch and Python write: of a flipped bit outside of contents nothing is left
    that would pass.
    """
    count, length, offset = _end(file, size)
    if length > LONGEST_DIRECTORY or count > MOST_RECORDS:
        raise _broken("its directory is too large")
    entries = list(_entries(read_at(file, offset, length), count))
    _check_names([entry.record.name for entry in entries])
    _check_sizes([entry.record for entry in entries])
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
    return name.lower() if name.isascii() else name.encode().lower().decode()


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
    mark, rest, writer, needed, own_disk, first_disk, here, count, length, offset = found
    if place != at or mark != b"PK\6\6" or rest != _END_64.size - 12:
        raise _broken("its second end is not where it says")
    if (writer, needed) not in _LARGE_WRITERS:
        raise _broken("its second end is of another format")
    if disk or own_disk or first_disk or disks != 1 or here != count:
        raise _broken("it is one part of several")
    return count, length, offset, at


class _Entry(NamedTuple):
    """What the directory says of a record beside the record itself, as its own header must say as well."""

    record: Record
    name: bytes
    needed: int
    flags: int
    time: int
    date: int
    large: bool


def _entries(data: bytes, count: int) -> Iterator[_Entry]:
    """The entries of a directory, of whose records the `start` is not known yet."""
    # Each has at least this many bytes, so that a number that is made up ends here.
    if count * _ENTRY.size > len(data):
        raise _broken("its directory is cut off")
    at = 0
    for _ in range(count):
        if at + _ENTRY.size > len(data):
            raise _broken("its directory is cut off")
        mark, writer, needed, flags, method, time, date, *numbers = _ENTRY.unpack_from(data, at)
        crc, packed, size, names, extras, comments, disk, inner, attributes, header = numbers
        at += _ENTRY.size
        if mark != b"PK\1\2" or at + names + extras + comments > len(data):
            raise _broken("its directory is damaged")
        encoded = data[at : at + names]
        name = _name(encoded)
        extra = data[at + names : at + names + extras]
        at += names + extras + comments
        if _MARK_32 in (packed, size, header):
            size, packed, header = _large(extra, size, packed, header)
        elif extra:
            raise _unusual(name)
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
        if (
            writer not in _WRITERS
            or attributes not in _ATTRIBUTES
            or inner
            or comments
            or flags & ~_KNOWN_FLAGS
        ):
            raise _unusual(name)
        if not (encoded.isascii() or flags & _NAME_IS_UTF8):
            # zipfile reads another name out of the same bytes.
            raise _broken(f"record {one_line(repr(name), 80)} has a name that is not marked as UTF-8")
        record = Record(name, method, crc, packed, size, header, -1)
        yield _Entry(record, encoded, needed, flags, time, date, bool(extra))
    if at != len(data):
        raise _broken("its directory holds more than its records")


def _unusual(name: str) -> BrokenZip:
    return BrokenZip(
        f"has a record {one_line(repr(name), 80)} with a comment, attributes or extra parts that torch doesn't write"
    )


def _name(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise _broken(f"record {one_line(repr(data), 80)} has a name that is not UTF-8") from None


def _large(extra: bytes, *numbers: int) -> tuple[int, ...]:
    """Size, packed size and place, of which those that do not fit into 32 bits stand in the entry's extra part."""
    wide = sum(number == _MARK_32 for number in numbers)
    if len(extra) != 4 + 8 * wide or struct.unpack_from("<2H", extra) != (_LARGE_SIZES, 8 * wide):
        raise _broken("the size of a record is damaged")
    values = iter(struct.unpack_from(f"<{wide}Q", extra, 4))
    return tuple(next(values) if number == _MARK_32 else number for number in numbers)


def _check_names(names: list[str]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        # A folder's own record ends with its slash.
        if _OUTSIDE.search(name.removesuffix("/")):
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


def _placed(file: FileIO, entries: list[_Entry], end: int) -> list[Record]:
    """The records with their `start`, each held against what stands before and behind its content."""
    if not entries and end:
        raise _broken("other bytes stand before its directory")
    placed = [entry.record for entry in entries]
    before: _Entry | None = None
    at = 0
    for place in sorted(range(len(entries)), key=lambda one: placed[one].header):
        entry = entries[place]
        record = entry.record
        gap = _gap(before, record.header - at)
        length = _LOCAL.size + len(entry.name)
        if record.header + length > end:
            raise _broken(f"record {_shown(record)} is not where the directory says")
        # What follows one record and the header of the next, in one read.
        data = read_at(file, at, min(gap + length + _USUAL_EXTRA, end - at))
        if before is not None:
            _check_rest(before, data[:gap])
        start = _start(file, entry, data[gap:])
        name, method, crc, packed, size, header, _ = record
        placed[place] = Record(name, method, crc, packed, size, header, start)
        before, at = entry, start + packed
    gap = _gap(before, end - at)
    if before is not None:
        _check_rest(before, read_at(file, at, gap))
    return placed


def _gap(before: _Entry | None, length: int) -> int:
    """How many bytes stand between a record and what follows it; raises BrokenZip where that can't be."""
    if before is None:
        if length:
            raise _broken("other bytes stand before its first record")
    elif length < 0:
        raise _broken(f"record {_shown(before.record)} runs into the next")
    elif length not in (_DESCRIPTORS if before.flags & _SIZES_FOLLOW else (0,)):
        raise _broken(f"other bytes follow record {_shown(before.record)}")
    return length


def _check_rest(entry: _Entry, data: bytes) -> None:
    """Behind a record whose header was written before its size was known stands what was found out, and no more."""
    record = entry.record
    if data and _DESCRIPTORS[len(data)].unpack(data) != (b"PK\7\x08", record.crc, record.packed, record.size):
        raise _broken(f"record {_shown(record)} has other sizes behind it")


def _start(file: FileIO, entry: _Entry, data: bytes) -> int:
    """Where the content of a record starts; raises BrokenZip for a header that says otherwise than the directory."""
    record = entry.record
    length = _LOCAL.size + len(entry.name)
    mark, needed, flags, method, time, date, crc, packed, size, names, extras = _LOCAL.unpack_from(data)
    if mark != b"PK\3\4":
        raise _broken(f"record {_shown(record)} is not where the directory says")
    if names != len(entry.name) or data[_LOCAL.size : length] != entry.name:
        raise _broken(f"record {_shown(record)} has another name in its header")
    if method != record.method or flags != entry.flags:
        raise _broken(f"record {_shown(record)} is packed otherwise in its header")
    # zipfile, which appends the manifest, writes the directory anew, sizes and places of over 31 bits in its own way.
    if needed != entry.needed and not (entry.large and entry.needed == _NEEDED_BY_LARGE):
        raise _broken(f"record {_shown(record)} is packed otherwise in its header")
    if time != entry.time or date != entry.date:
        raise _broken(f"record {_shown(record)} has another date in its header")
    # Sizes of over 32 bits, and those that follow the content, do not stand here.
    follow = flags & _SIZES_FOLLOW and not (crc or packed or size)
    wide = crc == record.crc and packed == size == _MARK_32
    if not (follow or wide or (crc == record.crc and packed == record.packed and size == record.size)):
        raise _broken(f"record {_shown(record)} has other sizes in its header")
    extra = data[length : length + extras]
    if len(extra) < extras:
        extra = read_at(file, record.header + length, extras)
    if wide or not _is_padding(extra):
        _check_extra(entry, extra, wide)
    return record.header + length + extras


def _is_padding(extra: bytes) -> bool:
    """Whether an extra part is what torch puts there so that contents begin at multiples of 64, or nothing."""
    count = len(extra) - _PADDED.size
    return not extra or (count >= 0 and extra == _PADDED.pack(_PADDING, count) + b"Z" * count)


def _check_extra(entry: _Entry, extra: bytes, wide: bool) -> None:
    """The extra part of a header is large sizes or places as the directory says them, and torch's padding."""
    record = entry.record
    # torch writes the packed size, which it does not know yet, as 0.
    said = (
        (record.size, record.packed),
        (record.size, 0, record.header),
        (record.size, 0),
        (record.header,),
    )
    large = [struct.pack(f"<2H{len(one)}Q", _LARGE_SIZES, 8 * len(one), *one) for one in said]
    found = next((one for one in (large[:1] if wide else large) if extra.startswith(one)), b"")
    if wide and not found:
        raise _broken(f"record {_shown(record)} has other sizes in its header")
    if not _is_padding(extra[len(found) :]):
        raise _unusual(record.name)


def _shown(record: Record) -> str:
    return one_line(repr(record.name), 80)
