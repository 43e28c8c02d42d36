"""ONNX files made byte by byte: where the manifest is found, what is refused, and what leads out of the file."""

from collections.abc import Callable
from pathlib import Path

import pytest

from namedtorch.archive.container import read_archive
from namedtorch.archive.manifest import Manifest
from namedtorch.archive.onnx_file import find_manifest, manifest_field, outside_data
from namedtorch.archive.protobuf import BrokenMessage, Field, Walk
from namedtorch.archive.seal import verify
from namedtorch.archive.seal_flat import seal_onnx
from namedtorch.diagnostics import ArchiveError

GOLDEN = Path(__file__).parent / "golden"
NAME = "namedtorch.json"


def number(value: int) -> bytes:
    """A number as protobuf writes it."""
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def field(place: int, content: bytes | int) -> bytes:
    """A field that holds bytes or a number."""
    if isinstance(content, int):
        return number(place << 3) + number(content)
    return number(place << 3 | 2) + number(len(content)) + content


def tensor(name: bytes = b"weight", *more: bytes) -> bytes:
    return field(8, name) + field(9, b"\0" * 16) + b"".join(more)


def model(graph: bytes = b"", *more: bytes) -> bytes:
    return field(1, 10) + field(2, b"tests") + field(7, graph) + b"".join(more)


def reader(data: bytes) -> Callable[[int, int], bytes]:
    return lambda start, count: data[start : start + count]


def test_manifest_is_found_behind_the_model() -> None:
    data = model(field(5, tensor()), field(14, field(1, b"author") + field(2, b"me")))
    whole = data + manifest_field(NAME, b'{"a": 1}')
    found = find_manifest(reader(whole), len(whole), NAME)
    assert found is not None
    assert (found.begin, found.end) == (len(data), len(whole))
    assert whole[found.start : found.stop] == b'{"a": 1}'
    assert find_manifest(reader(data), len(data), NAME) is None


@pytest.mark.parametrize("size", [0, 1, 127, 128, 16_383, 16_384, 3_000_000])
def test_manifest_of_any_length_reads_back(size: int) -> None:
    whole = model() + manifest_field(NAME, b"x" * size)
    found = find_manifest(reader(whole), len(whole), NAME)
    assert found is not None
    assert found.stop - found.start == size
    assert found.stop == len(whole)


MANIFEST = manifest_field(NAME, b"{}")
BROKEN = [
    (field(1, 10) + MANIFEST, "is no ONNX model (it has no graph)"),
    (model() + MANIFEST + MANIFEST, "is broken (it holds two manifests)"),
    (
        model() + MANIFEST + field(2, b"x"),
        "was changed after it was written (its manifest is not at its end)",
    ),
    (model() + field(14, field(1, NAME.encode())), "is broken (namedtorch.json has no text)"),
    (model()[:-1], "is cut off or broken (a field goes beyond its message)"),
    (model() + MANIFEST[:-1], "is cut off or broken (a field goes beyond its message)"),
    (model() + b"\x0b", "is broken (a field of the wire type 3 at byte 11)"),
    (model() + b"\x00\x00", "is broken (a field of the number 0 at byte 11)"),
    (model() + b"\x08" + b"\xff" * 10 + b"\x01", "is broken (an endless number)"),
    (model() + b"\x08" + b"\xff" * 9 + b"\x7f", "is broken (a number of more than 64 bits)"),
    (model() + b"\x08\xff", "is cut off or broken (a field goes beyond its message)"),
]


@pytest.mark.parametrize(("data", "text"), BROKEN, ids=[text for _, text in BROKEN])
def test_broken_models_say_what_is_wrong(tmp_path: Path, data: bytes, text: str) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(data)
    with pytest.raises(ArchiveError) as caught:
        read_archive(path)
    assert str(caught.value) == f"{path}: {text}; get the file again, or lower the model again"


def test_model_without_manifest_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(model())
    with pytest.raises(ArchiveError) as caught:
        read_archive(path)
    assert str(caught.value) == (
        f"{path}: is an ONNX model without a manifest, not a namedtorch archive; lower the model that it was made of: "
        'namedtorch.lower(model, to="onnx").save(...)'
    )


def test_a_model_with_the_mark_of_another_format_is_none(tmp_path: Path) -> None:
    """Bytes 4 to 7 are those that onnxruntime looks at; here they are the name of a producer."""
    marked = field(1, 10) + field(2, b"ORTM" + b"x" * 28) + field(7, b"")
    assert marked[4:8] == b"ORTM"
    path = tmp_path / "m.onnx"
    path.write_bytes(marked + MANIFEST)
    with pytest.raises(ArchiveError, match="is no file that namedtorch knows"):
        read_archive(path)


# Fields of TensorProto: 13 holds where the data lies, 14 says that it lies outside.
OUTSIDE = tensor(b"w", field(13, field(1, b"location") + field(2, b"/etc/passwd")), field(14, 1))
SUBGRAPH = field(1, field(5, field(5, OUTSIDE)))
LEADS_OUT = [
    ("initializer", model(field(5, tensor()) + field(5, OUTSIDE))),
    ("location alone", model(field(5, tensor(b"w", field(14, 1))))),
    ("data alone", model(field(5, tensor(b"w", field(13, b""))))),
    ("sparse values", model(field(15, field(1, OUTSIDE)))),
    ("sparse indices", model(field(15, field(2, OUTSIDE)))),
    ("attribute", model(SUBGRAPH)),
    ("attribute's list", model(field(1, field(5, field(10, OUTSIDE))))),
    ("subgraph", model(field(1, field(5, field(6, field(5, OUTSIDE)))))),
    ("subgraph in a list", model(field(1, field(5, field(11, SUBGRAPH))))),
    ("function", model(b"", field(25, field(7, field(5, field(5, OUTSIDE)))))),
    ("function's default", model(b"", field(25, field(11, field(5, OUTSIDE))))),
    ("training", model(b"", field(20, field(1, field(5, OUTSIDE))))),
]


@pytest.mark.parametrize(("data"), [one for _, one in LEADS_OUT], ids=[name for name, _ in LEADS_OUT])
def test_data_in_another_file_is_found_wherever_it_hides(data: bytes) -> None:
    assert outside_data(reader(data), len(data)) == "w"


def test_data_in_the_file_is_fine() -> None:
    whole = model(
        field(5, tensor(b"a", field(14, 0))) + field(1, field(5, field(6, field(5, tensor())))),
        field(25, field(7, field(5, field(5, tensor())))),
    )
    assert outside_data(reader(whole), len(whole)) is None


def test_graphs_that_nest_too_deeply_are_refused() -> None:
    graph = b""
    for _ in range(40):
        graph = field(1, field(5, field(6, graph)))
    data = model(graph)
    with pytest.raises(BrokenMessage, match=r"^is broken \(graphs nest more than 64 deep\)$"):
        outside_data(reader(data), len(data))


def test_walks_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("namedtorch.archive.protobuf.MOST_FIELDS", 100)
    data = field(1, 0) * 101
    with pytest.raises(BrokenMessage, match=r"^is broken \(over 100 fields\)$"):
        list(Walk(reader(data)).fields(0, len(data)))


def test_numbers_of_four_and_eight_bytes_are_passed() -> None:
    data = b"\x0d" + b"\0" * 4 + b"\x11" + b"\0" * 8 + field(3, 300)
    assert list(Walk(reader(data)).fields(0, len(data))) == [
        Field(1, 5, 0, 1, 5),
        Field(2, 1, 5, 6, 14),
        Field(3, 0, 14, 17, 17, 300),
    ]


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    path = tmp_path / "m.onnx"
    path.write_bytes(model(field(5, tensor())))
    manifest = Manifest.from_json((GOLDEN / "5-exported.json").read_bytes())
    seal_onnx(path, manifest)
    return path


def test_sealed_model_reads_back(sealed: Path) -> None:
    archive = read_archive(sealed)
    assert archive.format == "onnx"
    assert set(archive.manifest.digests) == {"file"}
    verify(sealed, archive.manifest, "m.onnx")


def test_flipped_bits_are_found(sealed: Path) -> None:
    data = sealed.read_bytes()
    # Another bit of every third byte; tests/deploy/test_flips.py flips whole files of each format.
    for place in range(0, len(data), 3):
        flipped = bytearray(data)
        flipped[place] ^= 1 << place % 8
        sealed.write_bytes(flipped)
        with pytest.raises(ArchiveError):
            verify(sealed, read_archive(sealed).manifest, "m.onnx")


def test_what_is_sealed_once_is_not_sealed_again(sealed: Path) -> None:
    before = sealed.read_bytes()
    with pytest.raises(ArchiveError, match="has a manifest already, which is not replaced"):
        seal_onnx(sealed, read_archive(sealed).manifest)
    assert sealed.read_bytes() == before


def test_model_that_leads_outside_is_not_sealed(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(model(field(5, OUTSIDE)))
    manifest = Manifest.from_json((GOLDEN / "5-exported.json").read_bytes())
    with pytest.raises(ArchiveError) as caught:
        seal_onnx(path, manifest, "m.onnx")
    assert str(caught.value) == (
        "m.onnx: keeps 'w' in another file, and an archive is one file; lower the model again"
    )
    assert path.read_bytes() == model(field(5, OUTSIDE))
