"""Directories of zip files: what readers could differ in is refused before any of them sees the file."""

import struct
import tracemalloc
import zipfile
import zlib
from io import FileIO
from pathlib import Path

import pytest

from namedtorch.archive.container import opened, read_archive
from namedtorch.archive.content import blocks, read_content
from namedtorch.archive.directory import read_directory
from namedtorch.archive.manifest import Manifest
from namedtorch.diagnostics import ArchiveError
from tests.archive.handmade import Entry, central, local, zipped

AGAIN = "; get the file again, or lower the model again"
DATA = Entry("m/data/0", b"weights!" * 50)
PICKLE = Entry("m/data.pkl", b"pickle")
CODE = Entry("m/code/__torch__.py", b"class M(Module): pass\n" * 40, method=8)
CONSTANTS = Entry("m/constants.pkl", b")")
RECORDS = [DATA, PICKLE, CODE, CONSTANTS]
PADDING = b"FB\3\0ZZZ"
WIDE = struct.pack("<2H2Q", 1, 16, 400, 400)
MARK = 0xFFFFFFFF


def with_manifest(manifest: Manifest, *records: Entry) -> list[Entry]:
    return [*(records or RECORDS), Entry("m/extra/namedtorch.json", manifest.to_json())]


GOOD = [
    ("stored and deflated records", {}),
    ("an end record for large files, as torch writes it", {"large": True}),
    ("the numbers in that end record alone", {"large": True, "marks": True}),
]


@pytest.mark.parametrize(("name", "options"), GOOD, ids=[name for name, _ in GOOD])
def test_reads_what_torch_and_zipfile_write(
    tmp_path: Path, manifest: Manifest, name: str, options: dict[str, bool]
) -> None:
    path = tmp_path / "m.pt"
    entries = with_manifest(manifest)
    data = zipped(entries, large="large" in options)
    if "marks" in options:
        data = data[:-14] + struct.pack("<2H2IH", 0xFFFF, 0xFFFF, MARK, MARK, 0)
    path.write_bytes(data)
    assert read_archive(path).manifest == manifest
    with zipfile.ZipFile(path) as container:
        assert container.testzip() is None
        names = container.namelist()
    with opened(path) as found:
        assert [record.name for record in found.records] == names


def test_sizes_may_stand_in_the_extra_part_of_an_entry(tmp_path: Path, manifest: Manifest) -> None:
    wide = Entry(
        DATA.name, DATA.data, packed=MARK, size=MARK, extra=WIDE, local_size=MARK, local_extra=WIDE + PADDING
    )
    path = tmp_path / "m.pt"
    path.write_bytes(zipped(with_manifest(manifest, wide, PICKLE)))
    assert read_archive(path).manifest == manifest


@pytest.mark.parametrize("form", ["<2I", "<2Q"])
def test_sizes_may_follow_the_content(tmp_path: Path, manifest: Manifest, form: str) -> None:
    path = tmp_path / "m.pt"
    path.write_bytes(zipped(with_manifest(manifest, *late(struct.pack(form, 400, 400))[:2])))
    assert read_archive(path).manifest == manifest


def late(sizes: bytes, **fields: object) -> list[Entry]:
    """The records, the weights with their sizes behind them, as torch writes all records."""
    behind = b"PK\7\x08" + struct.pack("<I", zlib.crc32(DATA.data)) + sizes
    return entry(**{"flags": 8, "local_size": 0, "local_crc": 0, "behind": behind} | fields)


def entry(**fields: object) -> list[Entry]:
    """The records, the weights with these fields."""
    return [Entry(**({"name": DATA.name, "data": DATA.data} | fields)), PICKLE, CONSTANTS]  # type: ignore[arg-type]


def ended(count: int, length: int, offset: int) -> bytes:
    """A file with the two ends of large files, of which the second says these numbers."""
    return zipped(RECORDS, large=True)[:-14] + struct.pack("<2H2IH", count, count, length, offset, 0)


def named(name: str | bytes) -> list[Entry]:
    return [PICKLE, CONSTANTS, Entry(name, b"x")]


def broken(problem: str) -> str:
    return f"is cut off or broken ({problem})"


def outside(name: str) -> str:
    return f"has a record named {name}, outside of the archive"


def twins(one: str, other: str) -> str:
    both = f"two records named '{one}'" if one == other else f"records '{one}' and '{other}'"
    return f"has {both}, which torch can't tell apart (it ignores the case of letters)"


UNUSUAL = "has a record 'm/data/0' with a comment, attributes or extra parts that torch doesn't write"
UNREADABLE = "has a record 'm/data/0' that is encrypted or packed in a way torch doesn't read"

HOSTILE: list[tuple[str, bytes, str]] = [
    # Around the records.
    ("a comment behind", zipped(RECORDS, comment=b"hi"), broken("other bytes follow its end")),
    ("bytes behind", zipped(RECORDS, behind=b"hi"), broken("other bytes follow its end")),
    ("a second zip behind", zipped(RECORDS) * 2, broken("its directory is not where it says")),
    (
        "a zip before, with places that fit",
        zipped(RECORDS, before=zipped([PICKLE])),
        broken("other bytes stand before its first record"),
    ),
    (
        "bytes before, with places that do not",
        zipped(RECORDS, before=b"PK\3\4", adjust=False),
        broken("its directory is not where it says"),
    ),
    (
        "bytes before an empty directory",
        zipped([], before=b"PK"),
        broken("other bytes stand before its directory"),
    ),
    (
        "bytes between records and directory",
        zipped(RECORDS, between=b"hidden"),
        broken("other bytes follow record 'm/constants.pkl'"),
    ),
    ("bytes between records", zipped(entry(behind=b"?")), broken("other bytes follow record 'm/data/0'")),
    (
        "a hidden record where sizes may follow",
        zipped(late(struct.pack("<2I", 400, 400) + b"hidden")),
        broken("other bytes follow record 'm/data/0'"),
    ),
    ("no end", zipped(RECORDS)[:-22], broken("its end is missing")),
    ("nothing but a mark", b"PK\5\6", broken("it is too short for a zip file")),
    # The end.
    ("a second disk", zipped(RECORDS, disk=1), broken("it is one part of several")),
    ("records on other disks", zipped(RECORDS, here=3), broken("it is one part of several")),
    ("a record too many", zipped(RECORDS, count=5), broken("its directory is cut off")),
    ("65535 records", zipped(RECORDS, count=65535), broken("its directory is cut off")),
    ("a record too few", zipped(RECORDS, count=3), broken("its directory holds more than its records")),
    ("a directory elsewhere", zipped(RECORDS, offset=0), broken("its directory is not where it says")),
    ("a longer directory", zipped(RECORDS, length=9999), broken("its directory is not where it says")),
    ("two ends that differ", ended(3, 0, 0), broken("its two ends contradict each other")),
    ("two ends of which one is marked", ended(0xFFFF, MARK, 7), broken("its two ends contradict each other")),
    (
        "a second end elsewhere",
        zipped(RECORDS, large=True, place=7),
        broken("its second end is not where it says"),
    ),
    (
        "a longer second end",
        zipped(RECORDS, large=True, rest=45),
        broken("its second end is not where it says"),
    ),
    ("several disks", zipped(RECORDS, large=True, disks=2), broken("it is one part of several")),
    # Entries.
    ("an entry that is none", zipped(entry(mark=b"PK\3\4")), broken("its directory is damaged")),
    ("a record on another disk", zipped(entry(disk=1)), broken("it is one part of several")),
    ("a folder", zipped(entry(attributes=0x10)), broken("record 'm/data/0' says that it is a folder")),
    ("a folder by its name", zipped(named("m/x/")), broken("record 'm/x/' says that it is a folder")),
    ("an encrypted record", zipped(entry(flags=1)), UNREADABLE),
    ("strong encryption", zipped(entry(flags=0x40)), UNREADABLE),
    ("a masked header", zipped(entry(flags=0x2000)), UNREADABLE),
    ("a newer version of the format", zipped(entry(needed=64)), UNREADABLE),
    ("bzip2", zipped(entry(method=12)), UNREADABLE),
    ("deflate64", zipped(entry(method=9)), UNREADABLE),
    ("two sizes of stored bytes", zipped(entry(size=401)), broken("record 'm/data/0' has two sizes")),
    (
        "a size that is missing",
        zipped(entry(packed=MARK, size=MARK)),
        broken("the size of a record is damaged"),
    ),
    (
        "a size that is cut off",
        zipped(entry(packed=MARK, size=MARK, extra=WIDE[:-1])),
        broken("the size of a record is damaged"),
    ),
    (
        "sizes twice",
        zipped(entry(packed=MARK, size=MARK, extra=WIDE + WIDE)),
        broken("the size of a record is damaged"),
    ),
    # What says nothing of the content: one of the values that torch and Python write, twice the same.
    ("a comment", zipped(entry(comment=b"x")), UNUSUAL),
    ("another system", zipped(entry(writer=0x300 | 21)), UNUSUAL),
    ("text", zipped(entry(inner=1)), UNUSUAL),
    ("a link", zipped(entry(attributes=0o120777 << 16)), UNUSUAL),
    ("a name in another alphabet", zipped(entry(extra=b"up\5\0\1\0\0\0\0")), UNUSUAL),
    ("an extra part in the header", zipped(entry(local_extra=b"up\5\0\1\0\0\0\0")), UNUSUAL),
    ("padding that is none", zipped(entry(local_extra=b"FB\3\0ZzZ")), UNUSUAL),
    ("padding that is longer", zipped(entry(local_extra=b"FB\2\0ZZZ")), UNUSUAL),
    ("half a padding", zipped(entry(local_extra=b"FB\0")), UNUSUAL),
    ("unknown flags", zipped(entry(flags=2)), UNUSUAL),
    (
        "a date in the header",
        zipped(entry(local_date=1)),
        broken("record 'm/data/0' has another date in its header"),
    ),
    (
        "UTF-8 that is not marked",
        zipped([PICKLE, Entry("m/größe")]),
        broken("record 'm/größe' has a name that is not marked as UTF-8"),
    ),
    (
        "UTF-8 that is marked once",
        zipped([PICKLE, Entry("m/größe", flags=0x800, local_flags=0)]),
        broken("record 'm/größe' is packed otherwise in its header"),
    ),
    (
        "a writer of another second end",
        zipped(RECORDS, large=True).replace(struct.pack("<2H", 45, 45), struct.pack("<2H", 45, 44)),
        broken("its second end is of another format"),
    ),
    ("no sizes behind", zipped(late(b"", behind=b"")), broken("other bytes follow record 'm/data/0'")),
    (
        "other sizes behind",
        zipped(late(struct.pack("<2I", 400, 401))),
        broken("record 'm/data/0' has other sizes behind it"),
    ),
    (
        "sizes before and behind",
        zipped(late(struct.pack("<2I", 400, 400), local_crc=7)),
        broken("record 'm/data/0' has other sizes in its header"),
    ),
    # Places.
    (
        "two entries for one record",
        zipped([DATA, Entry("m/data/1", DATA.data, header=0)]),
        broken("record 'm/data/0' runs into the next"),
    ),
    (
        "a first record elsewhere",
        zipped(entry(header=10**6)),
        broken("other bytes stand before its first record"),
    ),
    (
        "a record in another",
        zipped([Entry("m/a", b"x" * 99, packed=200, size=200), PICKLE]),
        broken("record 'm/a' runs into the next"),
    ),
    (
        "a place behind the directory",
        zipped([Entry("m/data/0", b"weights", behind=b"PK\3\4"), Entry("m/data.pkl", header=10**6)]),
        broken("other bytes follow record 'm/data/0'"),
    ),
    (
        "a place in the directory",
        zipped([Entry("m/data/0", bytes(20), packed=100, size=100), Entry("m/x" * 20, b"", header=138)]),
        broken(f"record '{'m/x' * 20}' is not where the directory says"),
    ),
    (
        "a record without a header",
        zipped(entry(local_mark=b"PK\0\0")),
        broken("record 'm/data/0' is not where the directory says"),
    ),
    (
        "another name in the header",
        zipped(entry(local_name=b"m/data/1")),
        broken("record 'm/data/0' has another name in its header"),
    ),
    (
        "a longer name in the header",
        zipped(entry(local_name=b"m/data/00")),
        broken("record 'm/data/0' has another name in its header"),
    ),
    (
        "another packing in the header",
        zipped(entry(local_method=8)),
        broken("record 'm/data/0' is packed otherwise in its header"),
    ),
    (
        "encrypted says the header",
        zipped(entry(local_flags=1)),
        broken("record 'm/data/0' is packed otherwise in its header"),
    ),
    (
        "other sizes in the header",
        zipped(entry(local_size=8)),
        broken("record 'm/data/0' has other sizes in its header"),
    ),
    # Names.
    ("a parent", zipped(named("m/../x")), outside("'m/../x'")),
    ("a parent first", zipped(named("../m/x")), outside("'../m/x'")),
    ("the root", zipped(named("/etc/passwd")), outside("'/etc/passwd'")),
    ("the same folder", zipped(named("m/./x")), outside("'m/./x'")),
    ("an empty part", zipped(named("m//x")), outside("'m//x'")),
    ("no name", zipped(named("")), outside("''")),
    ("a slash alone", zipped([PICKLE, Entry("/")]), outside("'/'")),
    ("a backslash", zipped(named("m\\..\\x")), outside(r"'m\\..\\x'")),
    ("a null character", zipped(named("m/x\0.py")), outside(r"'m/x\x00.py'")),
    (
        "no UTF-8",
        zipped(named(b"m/\xff")),
        broken(r"record b'm/\xff' has a name that is not UTF-8"),
    ),
    ("one name twice", zipped([DATA, PICKLE, DATA]), twins("m/data/0", "m/data/0")),
    ("one name in two cases", zipped([DATA, PICKLE, Entry("m/DATA/0")]), twins("m/data/0", "m/DATA/0")),
    ("one folder in two cases", zipped([DATA, Entry("M/data/0")]), twins("m/data/0", "M/data/0")),
]


@pytest.mark.parametrize(("name", "data", "text"), HOSTILE, ids=[name for name, _, _ in HOSTILE])
def test_what_readers_could_differ_in_is_refused(tmp_path: Path, name: str, data: bytes, text: str) -> None:
    path = tmp_path / "m.pt"
    path.write_bytes(data)
    with pytest.raises(ArchiveError) as caught:
        read_archive(path)
    assert str(caught.value) == f"{path}: {text}{AGAIN}"


def test_directory_of_a_million_records_is_not_read(tmp_path: Path) -> None:
    """Its bytes would be 20 MiB of memory, its records many times as much."""
    directory = bytes(20 * 2**20)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 65535, 65535, len(directory), 2, 0)
    path = tmp_path / "m.pt"
    path.write_bytes(b"PK" + directory + end)
    tracemalloc.start()
    try:
        with pytest.raises(ArchiveError, match=r"is cut off or broken \(its directory is too large\)"):
            read_archive(path)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_number_of_records_is_bounded(tmp_path: Path) -> None:
    data = bytearray(zipped(RECORDS, large=True))
    struct.pack_into("<2Q", data, data.rindex(b"PK\6\6") + 24, 100_001, 100_001)
    struct.pack_into("<2H", data, len(data) - 14, 0xFFFF, 0xFFFF)
    path = tmp_path / "m.pt"
    path.write_bytes(data)
    with pytest.raises(ArchiveError, match=r"is cut off or broken \(its directory is too large\)"):
        read_archive(path)


PACKED = Entry("m/code/__torch__.py", bytes(70 * 2**20), method=8)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pt"
    path.write_bytes(zipped([PACKED]))
    assert path.stat().st_size < 2**17
    with pytest.raises(ArchiveError) as caught:
        read_archive(path)
    assert str(caught.value) == (
        f"{path}: would unpack to {70 * 2**20} bytes, at most {64 * 2**20} of a file of this size{AGAIN}"
    )


def test_many_small_bombs_are_one(tmp_path: Path) -> None:
    one = bytes(2**20)
    path = tmp_path / "bomb.pt"
    path.write_bytes(zipped([Entry(f"m/code/{place}.py", one, method=8) for place in range(65)]))
    with pytest.raises(ArchiveError, match=f"would unpack to {65 * 2**20} bytes"):
        read_archive(path)


LYING = [
    ("that says to be empty", Entry("m/x", bytes(99), method=8, size=0)),
    ("that says to be shorter", Entry("m/x", bytes(99), method=8, size=98)),
    ("that says to be longer", Entry("m/x", bytes(99), method=8, size=100)),
    ("with bytes behind what is packed", Entry("m/x", b"\3\0more", method=8, size=0)),
    ("of which a byte is wrong", Entry("m/x", b"pickle", crc=1)),
    ("that is not packed at all", Entry("m/x", bytes(range(99)), method=8)),
]


@pytest.mark.parametrize(("name", "record"), LYING, ids=[name for name, _ in LYING])
def test_a_record_is_held_to_its_size_and_checksum(tmp_path: Path, name: str, record: Entry) -> None:
    if name in ("with bytes behind what is packed", "that is not packed at all"):
        raw = record.data
        record = Raw(record.name, raw, method=8, packed=len(raw), size=record.size, crc=0)
    path = tmp_path / "m.pt"
    path.write_bytes(zipped([record]))
    with (
        pytest.raises(ArchiveError, match=r"is cut off or broken \(record 'm/x' is damaged\)"),
        opened(path) as container,
    ):
        read_content(container.file, container.records[0])


class Raw(Entry):
    """A record whose bytes are taken as packed already."""

    @property
    def content(self) -> bytes:
        return self.data


def test_a_deflated_record_is_read_piece_by_piece(tmp_path: Path) -> None:
    content = bytes(range(256)) * 40_000
    path = tmp_path / "m.pt"
    path.write_bytes(zipped([Entry("m/x", content, method=8), Entry("m/y", content)]))
    with opened(path) as container:
        packed, stored = container.records
        assert read_content(container.file, packed) == content
        assert read_content(container.file, stored) == content
        assert max(len(block) for block in blocks(container.file, packed)) < len(content) // 4


class Counted(FileIO):
    """A file that counts the bytes that are read."""

    count = 0

    def read(self, size: int | None = -1, /) -> bytes | None:  # type: ignore[override]
        data = super().read(-1 if size is None else size)
        self.count += len(data or b"")
        return data


def test_weights_are_not_read(tmp_path: Path, manifest: Manifest) -> None:
    """A gigabyte of weights in 200 records, and its directory and headers are some 40 kB."""
    path = tmp_path / "large.pt"
    size = 5 * 2**20
    directory, places = b"", []
    with path.open("wb") as file:
        for place in range(200):
            weights = Entry(f"m/data/{place}", b"", crc=0, packed=size, size=size)
            places.append(file.tell())
            file.write(local(weights))
            file.seek(size, 1)
            directory += central(weights, places[-1])
        last = Entry("m/extra/namedtorch.json", manifest.to_json())
        directory += central(last, file.tell())
        file.write(local(last))
        start = file.tell()
        file.write(directory)
        file.write(struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 201, 201, len(directory), start, 0))
    assert path.stat().st_size > 10**9
    assert read_archive(path).manifest == manifest
    with Counted(path) as file:
        assert len(read_directory(file, path.stat().st_size)) == 201
        assert file.count < 50_000
