"""Flipped bits: of what holds a file together each is found, whichever it is."""

from pathlib import Path

import pytest

from namedtorch.archive.container import opened, read_archive
from namedtorch.archive.seal import verify
from namedtorch.diagnostics import ArchiveError
from tests.archive.subject import save, scripted
from tests.fuzz.files import written_to
from tests.fuzz.tiny_files import TINY


def refusal(data: bytes) -> str:
    """What is said of a file with these bytes; "" where it is read and its digests are right."""
    path = written_to(data)
    try:
        verify(path, read_archive(path).manifest, str(path))
    except ArchiveError as error:
        return str(error)
    return ""


def flipped(data: bytes, at: int, bit: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "m.pt"
    save(*scripted(), path)
    return path


def outside(path: Path) -> list[int]:
    """Where the bytes of a zip stand that are no content: headers, padding, sums, the directory and its end."""
    with opened(path) as container:
        inside = [(one.start, one.start + one.packed) for one in container.records]
        size = container.size
    return [at for at in range(size) if not any(start <= at < end for start, end in inside)]


def test_every_byte_around_the_records_of_a_zip_counts(whole: Path) -> None:
    data = whole.read_bytes()
    assert refusal(data) == ""
    places = outside(whole)
    assert len(places) > 1500
    assert [at for at in places if not refusal(flipped(data, at, at % 8))] == []


@pytest.mark.parametrize("bit", range(8))
def test_every_bit_of_a_record_is_held_by_what_stands_around_it(whole: Path, bit: int) -> None:
    """The header, padding and entry of the manifest, and those of the first record."""
    data = whole.read_bytes()
    places = outside(whole)
    around = [*places[:100], *places[-200:]]
    assert [at for at in around if not refusal(flipped(data, at, bit))] == []


FLAT = ["onnx", "executorch"]


@pytest.mark.parametrize("name", FLAT)
def test_cut_and_appended_files_are_refused(name: str) -> None:
    data = TINY[name].read_bytes()
    assert refusal(data) == ""
    cuts = {len(data) * percent // 100 for percent in range(100)} | {len(data) - 1, 1, 4, 8}
    assert [cut for cut in sorted(cuts) if not refusal(data[:cut])] == []
    behind = [b"\0", b"\n", b" ", data[:1], data[-1:], data, bytes(1000), b"PK\5\6" + bytes(18)]
    assert [more for more in behind if not refusal(data + more)] == []
    assert [more for more in behind if not refusal(more + data)] == []


@pytest.mark.parametrize("name", FLAT)
def test_moved_stretches_are_refused(name: str) -> None:
    data = TINY[name].read_bytes()
    step = len(data) // 40
    for start in range(0, len(data) - 2 * step, step):
        one, other = data[start : start + step], data[start + step : start + 2 * step]
        changed = data[:start] + other + one + data[start + 2 * step :]
        assert changed == data or refusal(changed), start
