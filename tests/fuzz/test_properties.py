"""Files edited at random places: refused in one line, or as good as they were."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namedtorch.archive.container import read_archive
from namedtorch.archive.manifest import Manifest
from namedtorch.archive.onnx_file import find_manifest, manifest_field
from namedtorch.archive.seal import verify
from namedtorch.diagnostics import ArchiveError
from namedtorch.syntax.resolve import parse_shape
from tests.fuzz.documents import refusal
from tests.fuzz.files import written_to
from tests.fuzz.tiny_files import TINY
from tests.syntax.strategies import shapes

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), st.binary(max_size=6)), min_size=1, max_size=4)


def read(path: Path) -> Manifest:
    found = read_archive(path).manifest
    verify(path, found, str(path))
    return found


@pytest.mark.parametrize("name", sorted(TINY))
def test_an_edited_file_is_refused_or_the_same(name: str) -> None:
    whole = TINY[name].read_bytes()
    manifest = read(written_to(whole))

    @settings(max_examples=60, deadline=None)
    @given(EDITS)
    def edited(edits: list[tuple[float, int, bytes]]) -> None:
        data = whole
        for place, removed, put in edits:
            at = int(place * len(data))
            data = data[:at] + put + data[at + removed :]
        path = written_to(data)
        try:
            assert read(path) == manifest
            assert data == whole
        except ArchiveError as error:
            refusal(error, str(path))

    edited()


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"PK\3\4", b"PK\5\6", b"\x08\x0a", b"\x10\0\0\0ET12", b"{"]),
)
def test_noise_is_refused(noise: bytes, start: bytes) -> None:
    path = written_to(start + noise)
    with pytest.raises(ArchiveError) as caught:
        read(path)
    refusal(caught.value, str(path))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(max_size=8), JSON, max_size=4))
def test_any_metadata_reads_back(metadata: dict[str, Any]) -> None:
    manifest = replace(read(TINY["onnx"]), metadata=metadata)
    assert Manifest.from_json(manifest.to_json()) == manifest


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.binary(max_size=60))
def test_a_manifest_behind_a_model_is_found(text: bytes, metadata: bytes) -> None:
    model = (
        b"\x08\x0a\x3a\x00\x72"
        + bytes([len(metadata) + 4])
        + b"\x0a\x00\x12"
        + bytes([len(metadata)])
        + metadata
    )
    data = model + manifest_field("namedtorch.json", text)
    found = find_manifest(lambda at, count: data[at : at + count], len(data), "namedtorch.json")
    assert found is not None
    assert (data[found.start : found.stop], data[: found.begin]) == (text, model)


@settings(max_examples=100, deadline=None)
@given(shapes())
def test_a_shape_that_prints_reads_back(shape: Any) -> None:
    assert parse_shape(str(shape)) == shape
