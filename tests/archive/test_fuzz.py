"""Real files, cut, flipped and with records twice: refused in one line, or as good as they were."""

import io
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

import namedtorch
from namedtorch.archive.container import opened, read_archive, read_manifest
from namedtorch.archive.content import read_content
from namedtorch.archive.manifest import Manifest
from namedtorch.archive.seal import verify
from namedtorch.diagnostics import ArchiveError
from tests.archive.handmade import Entry, central, local
from tests.archive.subject import IMAGE, frozen, save, scripted

FLIPS = 300
KINDS = ["m.pt", "m.ptl", "frozen.pt"]


@pytest.fixture(scope="module", params=KINDS)
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / request.param
    save(frozen() if path.stem == "frozen" else scripted()[0], scripted()[1], path)
    return path


def refusal(read: Callable[[Path], object], path: Path) -> str:
    """What is said of a file, checked to be one line that starts with the file; "" where it is read."""
    try:
        read(path)
    except ArchiveError as error:
        text = str(error)
        assert text.startswith(f"{path}: ")
        assert text.isprintable()
        assert len(text) < 600
        return text
    return ""


@pytest.mark.parametrize("read", [read_archive, namedtorch.load], ids=["read_archive", "load"])
def test_every_cut_is_refused(whole: Path, tmp_path: Path, read: Callable[[Path], object]) -> None:
    data = whole.read_bytes()
    path = tmp_path / whole.name
    lengths = {len(data) * percent // 100 for percent in range(100)} | {len(data) - 1, 1, 21, 22}
    for length in sorted(lengths):
        path.write_bytes(data[:length])
        assert refusal(read, path), length


def contents(path: Path) -> list[tuple[int, int]]:
    """Where the contents of all records but the manifest stand."""
    with opened(path) as container:
        return [
            (one.start, one.start + one.packed)
            for one in container.records
            if not one.name.endswith("/extra/namedtorch.json")
        ]


def as_good(path: Path, manifest: Manifest) -> None:
    """Raises ArchiveError for a file that is refused; else it is as good as the whole one, for every reader."""
    found = read_manifest(path)
    verify(path, found, str(path))
    assert found == manifest
    with opened(path) as container:
        ours = {record.name: read_content(container.file, record) for record in container.records}
    with zipfile.ZipFile(path) as other:
        assert {name: other.read(name) for name in other.namelist()} == ours
    reader = torch._C.PyTorchFileReader(str(path))
    folder = next(iter(ours)).partition("/")[0]
    assert {f"{folder}/{name}": reader.get_record(name) for name in reader.get_all_records()} == ours
    torch.testing.assert_close(namedtorch.load(path)(IMAGE), scripted()[0](IMAGE))


def test_flips_in_headers_directory_and_manifest_are_refused(whole: Path, tmp_path: Path) -> None:
    data = whole.read_bytes()
    manifest = read_manifest(whole)
    inside = contents(whole)
    places = [at for at in range(len(data)) if not any(start <= at < end for start, end in inside)]
    path = tmp_path / whole.name
    draw = random.Random(7)
    refused = 0
    for _ in range(FLIPS):
        at, bit = draw.choice(places), draw.randrange(8)
        flipped = bytearray(data)
        flipped[at] ^= 1 << bit
        path.write_bytes(flipped)
        refused += bool(refusal(lambda file: as_good(file, manifest), path))
    assert refused == FLIPS


def test_flips_in_the_directory_itself(whole: Path, tmp_path: Path) -> None:
    """Every byte of the directory and of the end, with one bit flipped."""
    data = whole.read_bytes()
    manifest = read_manifest(whole)
    with zipfile.ZipFile(whole) as container:
        start = container.start_dir
    path = tmp_path / whole.name
    draw = random.Random(8)
    for at in draw.sample(range(start, len(data)), FLIPS):
        flipped = bytearray(data)
        flipped[at] ^= 1 << draw.randrange(8)
        path.write_bytes(flipped)
        refusal(lambda file: as_good(file, manifest), path)


def test_every_flip_in_a_record_is_found(whole: Path, tmp_path: Path) -> None:
    data = whole.read_bytes()
    manifest = read_manifest(whole)
    path = tmp_path / whole.name
    draw = random.Random(9)
    # In each record some, so that small ones are not left out.
    places = [draw.randrange(start, end) for start, end in contents(whole) for _ in range(20) if start < end]
    for at in places:
        flipped = bytearray(data)
        flipped[at] ^= 1 << draw.randrange(8)
        path.write_bytes(flipped)
        assert read_manifest(path) == manifest
        # The last byte of a compressed record has bits behind its end, which nothing reads.
        assert refusal(lambda file: verify(file, manifest, str(file)), path) or _read(path) == _read(whole), (
            at
        )


def _read(path: Path) -> dict[str, bytes]:
    """What every record holds."""
    with zipfile.ZipFile(path) as container:
        return {name: container.read(name) for name in container.namelist()}


def test_noise_is_refused(whole: Path, tmp_path: Path) -> None:
    """Whole stretches overwritten, moved or left out, not only bits."""
    data = whole.read_bytes()
    manifest = read_manifest(whole)
    path = tmp_path / whole.name
    draw = random.Random(10)
    for _ in range(100):
        start, length = draw.randrange(len(data)), draw.randrange(1, 200)
        noise = draw.choice([draw.randbytes(length), b"", bytes(length), data[:length], b"\xff" * length])
        changed = data[:start] + noise + data[start + length :]
        path.write_bytes(changed)
        refusal(lambda file: as_good(file, manifest), path)


# Records twice, by constructions that the readers at hand answer differently.


def parts(data: bytes) -> tuple[bytes, bytes, int]:
    """Records, directory and number of records of a file that zipfile wrote the end of."""
    count, length, start = struct.unpack_from("<H2I", data, len(data) - 12)
    return data[:start], data[start : start + length], count


def joined(records: bytes, directory: bytes, count: int) -> bytes:
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(directory), len(records), 0)
    return records + directory + end


def appended(name: str, content: bytes) -> Callable[[bytes], bytes]:
    """A further record, with an entry of its own behind the others."""

    def change(data: bytes) -> bytes:
        records, directory, count = parts(data)
        one = Entry(name, content)
        return joined(records + local(one), directory + central(one, len(records)), count + 1)

    return change


def first_in_directory(name: str, content: bytes) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        records, directory, count = parts(data)
        one = Entry(name, content)
        return joined(records + local(one), central(one, len(records)) + directory, count + 1)

    return change


def entry_twice(data: bytes) -> bytes:
    """One record, and its entry twice."""
    records, directory, count = parts(data)
    length = 46 + struct.unpack_from("<H", directory, 28)[0]
    return joined(records, directory + directory[:length], count + 1)


def second_entry_of_another_name(data: bytes) -> bytes:
    """One record under two names."""
    records, directory, count = parts(data)
    (packed,) = struct.unpack_from("<I", directory, 20)
    one = Entry("m/data/77", bytes(packed))
    return joined(records, directory + central(one, 0), count + 1)


def hidden_before(data: bytes) -> bytes:
    """A record that only a reader from front to back sees."""
    records, directory, count = parts(data)
    one = local(Entry("m/data/0", bytes(16)))
    return joined(records + one, directory, count)


def two_ends(data: bytes) -> bytes:
    """A second directory and end, of which one hides the other."""
    _, directory, count = parts(data)
    return joined(data, directory, count)


def as_comment(data: bytes) -> bytes:
    """A second file in the comment of the first."""
    changed = bytearray(data)
    struct.pack_into("<H", changed, len(data) - 2, len(data))
    return bytes(changed) + data


def behind(data: bytes) -> bytes:
    return data + data


def before(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as container:
        container.writestr("m/extra/namedtorch.json", b"{}")
    return buffer.getvalue() + data


MANIFEST = "m/extra/namedtorch.json"
TWICE: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("a second manifest behind", appended(MANIFEST, b"{}")),
    ("a second manifest before", first_in_directory(MANIFEST, b"{}")),
    ("an empty second manifest", appended(MANIFEST, b"")),
    ("a manifest in capitals", appended("m/extra/NAMEDTORCH.JSON", b"{}")),
    ("a manifest in a folder of capitals", appended("M/extra/namedtorch.json", b"{}")),
    ("weights twice", appended("m/data/0", bytes(16))),
    ("weights twice, the new ones first", first_in_directory("m/data/0", bytes(16))),
    ("weights in capitals", appended("m/DATA/0", bytes(16))),
    ("weights by another path", appended("m/./data/0", bytes(16))),
    ("weights by a path with an empty part", appended("m//data/0", bytes(16))),
    ("weights by a backslash", appended("m\\data\\0", bytes(16))),
    ("weights up to a null character", appended("m/data/0\0", bytes(16))),
    ("weights in a folder of their name", appended("m/data/0/", b"")),
    ("code twice", appended("m/code/__torch__.py", b"")),
    ("an object twice", first_in_directory("m/data.pkl", b"\x80\x02}.")),
    ("one entry twice", entry_twice),
    ("one record under two names", second_entry_of_another_name),
    ("a record without an entry", hidden_before),
    ("two directories and ends", two_ends),
    ("a second file in the comment", as_comment),
    ("a second file behind", behind),
    ("another file before", before),
]


@pytest.mark.parametrize(("name", "change"), TWICE, ids=[name for name, _ in TWICE])
def test_a_record_twice_is_refused(tmp_path: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "m.pt"
    manifest = save(*scripted(), path)
    path.write_bytes(change(path.read_bytes()))
    assert refusal(lambda file: as_good(file, manifest), path)


def test_the_constructions_are_whole_but_for_what_is_twice(tmp_path: Path) -> None:
    """A further record of a name of its own is found by the digest alone: nothing else in the file is wrong."""
    path = tmp_path / "m.pt"
    manifest = save(*scripted(), path)
    data = path.read_bytes()
    for change in (appended("m/extra/x", b"x"), first_in_directory("m/extra/x", b"x")):
        path.write_bytes(change(data))
        assert read_manifest(path) == manifest
        assert "its other records changed" in refusal(lambda file: verify(file, manifest, str(file)), path)


def test_a_packed_manifest_is_no_difference(tmp_path: Path) -> None:
    path = tmp_path / "m.pt"
    manifest = save(*scripted(), path)
    with zipfile.ZipFile(path) as container:
        contents = {name: container.read(name) for name in container.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as container:
        for name, content in contents.items():
            container.writestr(name, content)
    as_good(path, manifest)
