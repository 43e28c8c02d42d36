"""Just enough of FlatBuffers' format to follow tables in a file that nobody vouches for.

Source: flatbuffers.dev, "FlatBuffer Internals". A table begins with the distance back to its list of fields; a field
that is no number is the distance forward to what it holds; texts and vectors have their length before them.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

Read = Callable[[int, int], bytes]
"""Reads so many bytes from a place on; fewer only where the file ends."""

_U16, _U32, _I32 = struct.Struct("<H"), struct.Struct("<I"), struct.Struct("<i")
_LEAST_TABLE = 4


class BrokenBuffer(ValueError):
    """Bytes that are no such tables; the text is the end of a sentence that starts with the file."""


@dataclass(frozen=True, slots=True)
class Buffer:
    """A buffer of `size` bytes; whatever leads outside of it raises BrokenBuffer."""

    read: Read
    size: int

    def bytes(self, at: int, count: int) -> bytes:
        """So many bytes from a place on."""
        if at < 0 or count < 0 or at + count > self.size:
            raise _broken()
        data = self.read(at, count)
        if len(data) != count:
            raise _broken()
        return data

    def number(self, at: int) -> int:
        """The number without sign, of four bytes, at a place."""
        return _U32.unpack(self.bytes(at, 4))[0]

    def follow(self, at: int) -> int:
        """The place that the distance at a place leads to."""
        target = at + self.number(at)
        if target == at or target > self.size - 4:
            raise _broken()
        return target

    def root(self) -> "Table":
        """The table that the buffer holds."""
        return Table(self, self.follow(0))

    def vector(self, at: int, width: int, most: int) -> range:
        """The places of a vector's elements, each of so many bytes; one of more than `most` is refused."""
        count = self.number(at)
        if count > most or at + 4 + count * width > self.size:
            raise _broken()
        return range(at + 4, at + 4 + count * width, width)

    def text(self, at: int, longest: int) -> tuple[int, int]:
        """The bytes of a text, from and to; one of more than `longest` bytes is refused."""
        places = self.vector(at, 1, longest)
        return places.start, places.stop


@dataclass(frozen=True, slots=True)
class Table:
    """A table at a place of a buffer; its fields go by their numbers, the first is 0."""

    buffer: Buffer
    at: int

    def field(self, number: int) -> int | None:
        """The place of a field, None for one that has its default."""
        back = _I32.unpack(self.buffer.bytes(self.at, 4))[0]
        listed = self.at - back
        length, own = (_U16.unpack(self.buffer.bytes(listed + 2 * one, 2))[0] for one in (0, 1))
        place = 4 + 2 * number
        if place + 2 > length:
            return None
        offset = _U16.unpack(self.buffer.bytes(listed + place, 2))[0]
        if offset == 0:
            return None
        if not _LEAST_TABLE <= offset < own:
            raise _broken()
        return self.at + offset

    def table(self, number: int) -> "Table | None":
        """The table in a field."""
        at = self.field(number)
        return None if at is None else Table(self.buffer, self.buffer.follow(at))

    def tables(self, number: int, most: int) -> list["Table"]:
        """The tables of the vector in a field; more than `most` are refused."""
        at = self.field(number)
        if at is None:
            return []
        buffer = self.buffer
        places = buffer.vector(buffer.follow(at), 4, most)
        return [Table(buffer, buffer.follow(place)) for place in places]

    def byte(self, number: int) -> int:
        """The number in a field of one byte, 0 by default."""
        at = self.field(number)
        return 0 if at is None else self.buffer.bytes(at, 1)[0]

    def text(self, number: int, longest: int) -> tuple[int, int] | None:
        """The bytes of the text in a field, from and to."""
        at = self.field(number)
        return None if at is None else self.buffer.text(self.buffer.follow(at), longest)


def _broken() -> BrokenBuffer:
    return BrokenBuffer("is cut off or broken (a part of it leads outside of the file)")
