"""Archives of every released version load and run for ever."""

import math
import re
import warnings
from pathlib import Path

import pytest
import torch
from torch.jit.mobile import _load_for_lite_interpreter

from namedtorch import DimError, load
from namedtorch.archive.container import read_archive
from namedtorch.archive.inspect import describe
from namedtorch.archive.seal import verify
from namedtorch.archive.targets import FLAT, SUFFIXES
from namedtorch.archive.version import SCHEMA_VERSION
from tests.archive.golden.models import Edges, Tagger
from tests.archive.subject import opened

GOLDEN = Path(__file__).parent / "golden"
ARCHIVES = sorted([*GOLDEN.glob("*.pt"), *GOLDEN.glob("*.ptl")])
BLENDS = [path for path in ARCHIVES if "blend" in path.name]
TRACES = [path for path in ARCHIVES if "traced" in path.name]
QUANTIZED = [path for path in ARCHIVES if "dynamic" in path.name or "static" in path.name]
CLASSIFIERS = [path for path in ARCHIVES if path not in BLENDS + TRACES + QUANTIZED]
FLAT_ARCHIVES = sorted(path for target in FLAT for path in GOLDEN.glob(f"*{SUFFIXES[target]}"))
RUNTIMES = {".pt2": "torch", ".onnx": "onnxruntime", ".pte": "executorch"}


def test_every_version_has_archives_of_both_kinds() -> None:
    found = {(int(path.name.split("-")[0]), path.suffix) for path in ARCHIVES}
    assert found == {
        (version, suffix) for version in range(1, SCHEMA_VERSION + 1) for suffix in (".pt", ".ptl")
    }


def test_every_version_since_5_has_archives_of_all_formats() -> None:
    found = {(int(path.name.split("-")[0]), path.suffix) for path in FLAT_ARCHIVES}
    assert found == {(version, suffix) for version in range(5, SCHEMA_VERSION + 1) for suffix in RUNTIMES}


@pytest.mark.parametrize("path", FLAT_ARCHIVES, ids=lambda path: path.name)
def test_archives_of_all_formats_say_what_they_take(path: Path) -> None:
    archive = read_archive(path)
    assert SUFFIXES[archive.format] == path.suffix
    assert str(archive.manifest.signature) == (
        "image: N C=3 H W, scale: float = 1.0 -> N classes=5 where H >= 2, W >= 2, N <= 8, H <= 16, W <= 16"
    )
    assert path.name in describe(archive)
    verify(path, archive.manifest, path.name)


@pytest.mark.parametrize("path", FLAT_ARCHIVES, ids=lambda path: path.name)
def test_archives_of_all_formats_run_and_refuse(path: Path) -> None:
    pytest.importorskip(RUNTIMES[path.suffix])
    image = torch.arange(2 * 3 * 2 * 2.0).reshape(2, 3, 2, 2)
    weight = torch.linspace(-1.0, 1.0, 15).reshape(3, 5)
    model = load(path)
    torch.testing.assert_close(model(image), image.mean((2, 3)) @ weight + torch.arange(5.0))
    with pytest.raises(DimError, match="`image` has size 2 at axis 1, but `C` is 3; axis 3 has size 3"):
        model(image.permute(0, 2, 3, 1))


@pytest.mark.parametrize("path", CLASSIFIERS, ids=lambda path: path.name)
def test_classifiers_run_and_refuse(path: Path) -> None:
    image = torch.arange(2 * 3 * 2 * 2.0).reshape(2, 3, 2, 2)
    weight = torch.linspace(-1.0, 1.0, 15).reshape(3, 5)
    expected = image.mean((2, 3)) @ weight * 2.0 + torch.arange(5.0)
    model = load(path)
    torch.testing.assert_close(model(image, scale=2.0), expected)
    assert re.match(r"image: N C=3 H W, scale: float = 1\.0 -> N classes=5 where ", str(model.signature))
    with pytest.raises(DimError, match="`image` has size 2 at axis 1, but `C` is 3"):
        model(image.permute(0, 2, 3, 1))
    plain = opened(path)
    torch.testing.assert_close(plain(image, 2.0), expected)
    with pytest.raises(torch.jit.Error, match="namedtorch: `image` has size 2 at axis 1, but `C` is 3"):
        plain(image.permute(0, 2, 3, 1))


@pytest.mark.parametrize("path", BLENDS, ids=lambda path: path.name)
def test_functions_run_and_refuse(path: Path) -> None:
    model = load(path)
    x, y = torch.ones(2, 3), torch.zeros(2, 3)
    torch.testing.assert_close(model(x, y=y, share=0.25), x * 0.25)
    with pytest.raises(DimError, match="`y`"):
        model(x, y.T)


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.name)
def test_traces_run_and_refuse(path: Path) -> None:
    manifest = read_archive(path).manifest
    assert (manifest.method, manifest.traced) == ("trace", ("",))
    image = torch.arange(2 * 3 * 4 * 2.0).reshape(2, 3, 4, 2)
    expected = image.mean((2, 3)) @ torch.linspace(-1.0, 1.0, 15).reshape(3, 5)
    model, plain = load(path), opened(path)
    torch.testing.assert_close(model(image), expected)
    torch.testing.assert_close(plain(image), expected)
    with pytest.raises(DimError, match="`image` has size 2 at axis 1, but `C` is 3"):
        model(image.permute(0, 3, 1, 2))
    with pytest.raises(torch.jit.Error, match="namedtorch: `image` has size 2 at axis 1, but `C` is 3"):
        plain(image.permute(0, 3, 1, 2))


@pytest.mark.parametrize("path", QUANTIZED, ids=lambda path: path.name)
def test_quantized_models_run_and_refuse(path: Path) -> None:
    dynamic = "dynamic" in path.name
    manifest = read_archive(path).manifest
    assert manifest.quantization is not None
    assert manifest.quantization.method == ("dynamic" if dynamic else "static")
    original = (Tagger(5) if dynamic else Edges(5)).eval()
    sizes = (2, 3, 4) if dynamic else (1, 3, 8, 8)
    given = torch.linspace(-1.0, 1.0, math.prod(sizes)).reshape(sizes)
    model, plain = load(path), opened(path)
    # As near as eight bits are, with an image that the scales are right for.
    torch.testing.assert_close(model(given), original(given).detach(), atol=0.02, rtol=0.05)
    torch.testing.assert_close(plain(given), model(given))
    reason = (
        "`words` has size 3 at axis 2, but `in` is 4"
        if dynamic
        else "`image` has size 8 at axis 1, but `C` is 3"
    )
    wrong = given.transpose(1, 2) if dynamic else given.permute(0, 3, 1, 2)
    with pytest.raises(DimError, match=reason):
        model(wrong)
    with pytest.raises(torch.jit.Error, match=f"namedtorch: {reason}"):
        plain(wrong)


def test_packed_weights_keep_their_dims() -> None:
    packed = {
        path.name: {
            name: (one.dtype, one.dims)
            for name, one in read_archive(path).manifest.state.items()
            if one.kind == "packed" and len(one.sizes) > 1
        }
        for path in QUANTIZED
        if path.name.startswith("4-")
    }
    assert packed == {
        "4-dynamic.pt": {
            "head.weight": ("qint8", "out=5 in=6"),
            "lstm.weight_hh_l0": ("qint8", "gates=24 hidden=6"),
            "lstm.weight_ih_l0": ("qint8", "gates=24 in=4"),
        },
        "4-static.ptl": {
            "conv.weight": ("qint8", "out=8 in=3 kh=3 kw=3"),
            "head.weight": ("qint8", "out=5 in=8 kh=1 kw=1"),
        },
    }


def test_the_lite_interpreter_runs_a_quantized_model() -> None:
    path = next(path for path in QUANTIZED if path.suffix == ".ptl")
    image = torch.linspace(-1.0, 1.0, 3 * 4 * 4).reshape(1, 3, 4, 4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        lite = _load_for_lite_interpreter(str(path))
    torch.testing.assert_close(lite(image), load(path)(image))
    with pytest.raises(torch.jit.Error, match="namedtorch: `image` has size 4 at axis 1, but `C` is 3"):
        lite(image.permute(0, 2, 3, 1))


@pytest.mark.parametrize("path", ARCHIVES, ids=lambda path: path.name)
def test_archives_are_described_and_verified(path: Path) -> None:
    archive = read_archive(path)
    version = int(path.name.split("-")[0])
    assert archive.manifest.schema_version == version
    assert archive.lite == (path.suffix == ".ptl")
    assert bool(archive.manifest.digests) == (version >= 2)
    verify(path, archive.manifest, path.name)
    how = "trace" if path in TRACES else "script"
    assert re.search(rf"\n  made +{how}\b.*; schema {version}, rules 1\n", describe(archive) + "\n")
