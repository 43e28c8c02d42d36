"""Files of torch.export: what is in them, what they are called, and who reads them."""

import json
import zipfile
from pathlib import Path

import pytest
import torch

from namedtorch import DimError, LowerError, load, named
from namedtorch.archive.container import read_archive
from tests.lower.targets import forms
from tests.lower.unverified import lower


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files") / "classifier.pt2"
    torch.manual_seed(0)
    lower(forms.Classifier(), to="export", metadata={"labels": ["a"]}, where="N <= 8").save(path)
    return path


def test_the_manifest_says_what_was_exported(file: Path) -> None:
    archive = read_archive(file)
    manifest = archive.manifest
    assert (archive.format, manifest.format, manifest.method, manifest.mode) == (
        "export",
        "export",
        "export",
        "eval",
    )
    assert str(manifest.signature) == "image: N C=3 H W -> N classes=5 where N <= 8"
    assert manifest.metadata == {"labels": ["a"]}
    assert manifest.sizes["C"].by == "conv.in_channels"
    assert manifest.state["conv.weight"].dims == "out=8 in=3 kh=3 kw=3"
    with zipfile.ZipFile(file) as opened:
        name = next(one for one in opened.namelist() if one.endswith("extra/namedtorch.json"))
        assert json.loads(opened.read(name))["interface"]["inputs"] == [{"name": "image", "path": ["image"]}]


def test_torch_itself_reads_it(file: Path) -> None:
    program = torch.export.load(file)
    (scores,) = program.module()(torch.zeros(2, 3, 8, 8))
    torch.testing.assert_close(scores, load(file)(torch.zeros(2, 3, 8, 8)))


def test_it_is_guarded_where_it_is_made_and_where_it_is_loaded(file: Path) -> None:
    torch.manual_seed(0)
    exported = lower(forms.Classifier(), to="export", where="N <= 8")
    image = torch.randn(2, 3, 8, 9)
    torch.testing.assert_close(exported(image), load(file)(image))
    for model in (exported, load(file)):
        with pytest.raises(DimError, match="is it N H W C"):
            model(torch.randn(2, 8, 9, 3))
        with pytest.raises(DimError, match=r"`N <= 8` does not hold: N=9"):
            model(torch.randn(9, 3, 8, 9))
        with pytest.raises(TypeError, match="there is no argument `images`; did you mean `image`"):
            model(images=image)


def test_named_tensors_come_with_their_names() -> None:
    exported = lower(forms.product, to="export")
    result = exported(named(torch.ones(2, 3), "N C"), named(torch.ones(3, 4), "C K"))
    assert result.dims == ("N", "K")


# (name of the file, what is said)
NAMES = [
    ("m.pt", 'write m.pt2, or lower it for that: lower(model, to="torchscript")'),
    ("m.onnx", 'write m.pt2, or lower it for that: lower(model, to="onnx")'),
    ("m.zip", "write m.zip.pt2"),
    ("m", "write m.pt2"),
]


@pytest.mark.parametrize(("name", "said"), NAMES)
def test_the_suffix_is_the_targets(tmp_path: Path, name: str, said: str) -> None:
    exported = lower(forms.product, to="export")
    with pytest.raises(LowerError) as caught:
        exported.save(tmp_path / name)
    assert str(caught.value) == (
        f'can\'t save {str(tmp_path / name)!r}: the model was lowered with to="export", and such a file ends in '
        f".pt2: {said}"
    )
    assert not (tmp_path / name).exists()


def test_torchscript_is_not_saved_as_another_target(tmp_path: Path) -> None:
    lowered = lower(forms.product)
    with pytest.raises(LowerError) as caught:
        lowered.save(tmp_path / "m.pt2")
    assert str(caught.value).endswith(
        "the model was lowered to TorchScript, and its file ends in .pt (TorchScript) or .ptl (lite interpreter); for "
        'this one write lower(model, to="export")'
    )


def test_what_a_script_has_and_a_program_has_not() -> None:
    exported = lower(forms.product, to="export")
    assert repr(exported) == (
        "<Exported tests.lower.targets.forms.product to export: x: N C, weight: C K -> N K>"
    )
    with pytest.raises(AttributeError) as caught:
        exported.freeze()
    assert str(caught.value) == (
        "tests.lower.targets.forms.product was exported, and `freeze` is for TorchScript: "
        'lower(model, to="torchscript")'
    )
    with pytest.raises(AttributeError, match="has no `nothing`"):
        _ = exported.nothing
    assert exported.report.to_dict()["verification"] is None
    assert str(exported.report) == (
        "`product` is exported by torch.export\nnot verified: verify=False leaves the comparison out"
    )
