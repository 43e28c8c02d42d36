"""The content of the records of a zip, unpacked within the bounds that the directory says."""

import zlib
from collections.abc import Iterator
from io import FileIO

from namedtorch.archive.directory import STORED, BrokenZip, Record
from namedtorch.archive.sentence import one_line

# Large enough that calls do not count, small enough that a block is still in the cache when it is hashed.
_BLOCK = 256 * 2**10


def read_content(file: FileIO, record: Record) -> bytes:
    """The content of a record, whose size the caller has bounded; raises BrokenZip as `blocks` does, and where the
    content is not what the directory's checksum says."""
    data = b"".join(bytes(block) for block in blocks(file, record))
    if zlib.crc32(data) != record.crc:
        raise _damaged(record)
    return data


def is_intact(file: FileIO, record: Record) -> bool:
    """Whether a record holds what the directory's checksum says; torch does not look."""
    crc = 0
    try:
        for block in blocks(file, record):
            crc = zlib.crc32(block, crc)
    except BrokenZip:
        return False
    return crc == record.crc


def blocks(file: FileIO, record: Record) -> Iterator[bytes | memoryview]:
    """The content of a record, piece by piece; a piece is valid until the next is asked for.

    Raises BrokenZip for content that is cut off, can't be unpacked, or has another size than the directory says.
    """
    return _stored(file, record) if record.method == STORED else _unpacked(file, record)


def _stored(file: FileIO, record: Record) -> Iterator[memoryview]:
    left = record.size
    room = memoryview(bytearray(min(left, _BLOCK)))
    file.seek(record.start)
    while left:
        count = file.readinto(room[: min(left, _BLOCK)])
        if not count:
            raise _damaged(record)
        yield room[:count]
        left -= count


def _unpacked(file: FileIO, record: Record) -> Iterator[bytes]:
    packed = Record(
        record.name, STORED, record.crc, record.packed, record.packed, record.header, record.start
    )
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    left = record.size
    try:
        for piece in _stored(file, packed):
            rest: bytes | memoryview = piece
            while rest and not unpacker.eof:
                # One byte more than there should be shows that there is more.
                data = unpacker.decompress(rest, min(left, _BLOCK) + 1)
                left -= len(data)
                if left < 0:
                    raise _damaged(record)
                yield data
                rest = unpacker.unconsumed_tail
    except zlib.error as error:
        raise _damaged(record) from error
    if left or not unpacker.eof or unpacker.unused_data:
        raise _damaged(record)


def _damaged(record: Record) -> BrokenZip:
    return BrokenZip(f"is cut off or broken (record {one_line(repr(record.name), 80)} is damaged)")
