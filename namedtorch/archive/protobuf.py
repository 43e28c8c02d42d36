"""Just enough of protobuf's wire format to find fields in a file that nobody vouches for.

Source: protobuf.dev, "Encoding". A message is a row of fields, each with its number and a wire type; messages inside
of messages, text and bytes have their length before them.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from namedtorch.archive.sentence import one_line

Read = Callable[[int, int], bytes]
"""Reads so many bytes from a place on; fewer only where the file ends."""

VARINT, FIXED_64, BYTES, FIXED_32 = 0, 1, 2, 5

MOST_FIELDS = 1_000_000
"""The most fields that a walk over one file visits."""

_LONGEST_VARINT = 10
_LONGEST_HEADER = 2 * _LONGEST_VARINT


class BrokenMessage(ValueError):
    """Bytes that are no protobuf message; the text is the end of a sentence that starts with the file."""


class Field(NamedTuple):
    """A field: its number and wire type, where it begins, where its content stands, and the value of a varint."""

    number: int
    wire: int
    begin: int
    start: int
    end: int
    value: int = 0


class Walk:
    """Visits the fields of messages, all within one bound of how many there may be."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._left = MOST_FIELDS

    def fields(self, start: int, end: int) -> Iterator[Field]:
        """The fields of the message between two places, in order.

        Raises BrokenMessage for what is cut off, has a wire type that is not used any more, or has too many fields.
        """
        while start < end:
            self._left -= 1
            if self._left < 0:
                raise BrokenMessage(f"is broken (over {MOST_FIELDS} fields)")
            field = self._field(start, end)
            yield field
            start = field.end

    def content(self, field: Field, longest: int) -> bytes:
        """The bytes of a field; raises BrokenMessage for one that has more than `longest`."""
        size = field.end - field.start
        if field.wire != BYTES or size > longest:
            raise BrokenMessage(f"is broken (field {field.number} holds {size} bytes, at most {longest})")
        data = self._read(field.start, size)
        if len(data) != size:
            raise _cut_off()
        return data

    def _field(self, begin: int, end: int) -> Field:
        header = self._read(begin, min(_LONGEST_HEADER, end - begin))
        tag, used = _varint(header, 0)
        number, wire = tag >> 3, tag & 7
        if not 1 <= number < 2**29:
            raise BrokenMessage(f"is broken (a field of the number {number} at byte {begin})")
        value, length = 0, 0
        match wire:
            case 0:
                value, used = _varint(header, used)
            case 1:
                length = 8
            case 2:
                length, used = _varint(header, used)
            case 5:
                length = 4
            case _:
                raise BrokenMessage(f"is broken (a field of the wire type {wire} at byte {begin})")
        start = begin + used
        if start + length > end:
            raise _cut_off()
        return Field(number, wire, begin, start, start + length, value)


def text_of(data: bytes, what: str) -> str:
    """The text in a field; raises BrokenMessage for what is not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise BrokenMessage(f"is broken ({what} is not UTF-8: {one_line(repr(data), 40)})") from None


def entry(key: int, value: int, text: str, content: bytes, number: int) -> bytes:
    """A field of that number that holds a message of a text and of bytes, under two field numbers."""
    name = text.encode()
    inner = _tag(key) + _varint_bytes(len(name)) + name + _tag(value) + _varint_bytes(len(content)) + content
    return _tag(number) + _varint_bytes(len(inner)) + inner


def _tag(number: int) -> bytes:
    return _varint_bytes(number << 3 | BYTES)


def _varint_bytes(value: int) -> bytes:
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The number that begins there, and the place behind it."""
    value = 0
    for place, byte in enumerate(data[at : at + _LONGEST_VARINT]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            if value >= 2**64:
                raise BrokenMessage("is broken (a number of more than 64 bits)")
            return value, at + place + 1
    raise _cut_off() if len(data) - at < _LONGEST_VARINT else BrokenMessage("is broken (an endless number)")


def _cut_off() -> BrokenMessage:
    return BrokenMessage("is cut off or broken (a field goes beyond its message)")
