"""A thousand flipped bits over whole files of each format: refused before a runtime sees them, or without effect."""

import importlib.util
import random
from pathlib import Path

import pytest
import torch

import namedtorch
from namedtorch.archive.container import opened, read_archive
from namedtorch.archive.content import read_content
from namedtorch.archive.seal import verify
from namedtorch.diagnostics import ArchiveError
from tests.archive.subject import IMAGE, frozen, save, scripted
from tests.fuzz.files import written_to
from tests.fuzz.tiny_files import TINY

KEPT = {"m.pt2": "export", "m.onnx": "onnx", "m.pte": "executorch"}
RUN_BY = {".onnx": "onnxruntime", ".pte": "executorch"}
FLIPS = 1000


@pytest.fixture(scope="module", params=["m.pt", "m.ptl", "frozen.pt", *KEPT])
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / request.param
    if path.name in KEPT:
        path.write_bytes(TINY[KEPT[path.name]].read_bytes())
    else:
        save(frozen() if path.stem == "frozen" else scripted()[0], scripted()[1], path)
    return path


def places(path: Path) -> list[int]:
    """Where bits are flipped: half anywhere, half around the contents of a zip, or where the manifest of a file is."""
    size = path.stat().st_size
    if path.suffix in (".onnx", ".pte"):
        text = read_archive(path).text
        start = path.read_bytes().index(text)
        near = [at for edge in (0, start, start + len(text), size) for at in range(edge - 60, edge + 60)]
        chosen = [at for at in near if 0 <= at < size]
    else:
        with opened(path) as container:
            inside = [(one.start, one.start + one.packed) for one in container.records]
        chosen = [at for at in range(size) if not any(start <= at < end for start, end in inside)]
    draw = random.Random(size)
    return [*draw.choices(chosen, k=FLIPS // 2), *draw.choices(range(size), k=FLIPS - FLIPS // 2)]


def test_a_flipped_bit_is_refused_before_a_runtime_sees_it(whole: Path) -> None:
    data = whole.read_bytes()
    draw = random.Random(len(data))
    passed: list[bytes] = []
    for at in places(whole):
        changed = bytearray(data)
        changed[at] ^= 1 << draw.randrange(8)
        path = written_to(bytes(changed))
        said = refusal(path)
        if not said:
            passed.append(bytes(changed))
            continue
        with pytest.raises(ArchiveError) as caught:
            namedtorch.load(path, digest="check")
        # The words of the reader that knows no runtime.
        assert str(caught.value) == said
    # Packed bytes have more than one form for one content.
    assert len(passed) < FLIPS // 50
    for one in passed:
        assert contents(written_to(one)) == contents(whole)
    for one in passed[:3]:
        if whole.suffix in (".pt", ".ptl"):
            torch.testing.assert_close(namedtorch.load(written_to(one))(IMAGE), scripted()[0](IMAGE))


def refusal(path: Path) -> str:
    try:
        verify(path, read_archive(path).manifest, str(path))
    except ArchiveError as error:
        return str(error)
    return ""


def contents(path: Path) -> dict[str, bytes]:
    """What the records of a zip hold; nothing but a zip has bytes that say the same in two ways."""
    with opened(path) as container:
        return {one.name: read_content(container.file, one) for one in container.records}


def test_whole_files_are_no_flips(whole: Path) -> None:
    assert refusal(whole) == ""
    if importlib.util.find_spec(RUN_BY.get(whole.suffix, "torch")) is not None:
        namedtorch.load(whole, digest="check", warm_up=1)
