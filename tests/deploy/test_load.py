"""Models out of files: the same checks, by position and by keyword."""

import inspect
import os
import struct
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from namedtorch import ArchiveError, DimError, Float, checked, load
from namedtorch.signature.signature import Signature
from tests.deploy.archives import signature, write
from tests.lower import my_operators
from tests.lower.unverified import lower


@checked
class Classifier(nn.Module):
    """Scores of images."""

    def __init__(self, classes: int):
        super().__init__()
        self.classes = classes
        self.conv = nn.Conv2d(3, 4, 3)
        self.head = nn.Linear(4, classes)

    def forward(
        self, image: Float[Tensor, "N C=3 H W where H >= 8, W >= 8"], scale: float = 1.0
    ) -> Float[Tensor, "N self.classes"]:
        return self.head(self.conv(image).mean((2, 3))) * scale


@checked
def blend(
    x: Float[Tensor, "*batch C"], y: Float[Tensor, "*batch C"], share: float
) -> Float[Tensor, "*batch C"]:
    return x * share + y * (1.0 - share)


SIGNATURE = "image: N C=3 H W, scale: float = 1.0 -> N classes=10 where H >= 8, W >= 8"


@pytest.fixture(scope="module")
def model() -> Classifier:
    torch.manual_seed(0)
    return Classifier(10).eval()


@pytest.fixture(scope="module", params=["boundary", "none"])
def guards(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module", params=["m.pt", "m.ptl"])
def path(
    request: pytest.FixtureRequest, guards: Any, model: Classifier, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    path = tmp_path_factory.mktemp("archives") / request.param
    lower(model, guards=guards).save(path)
    return path


def test_gives_what_the_model_gives(path: Path, model: Classifier) -> None:
    loaded = load(path)
    image = torch.rand(2, 3, 8, 9)
    for result in (loaded(image), loaded(image=image), loaded(scale=1.0, image=image)):
        torch.testing.assert_close(result, model(image))
    torch.testing.assert_close(loaded(image, scale=2.0), model(image, 2.0))
    torch.testing.assert_close(loaded(image, 2.0), model(image, 2.0))


def test_says_what_it_is(path: Path, guards: str) -> None:
    loaded = load(str(path))
    assert str(loaded.signature) == SIGNATURE
    assert loaded.name.endswith("Classifier")
    assert repr(loaded) == f"<{loaded.name}: {SIGNATURE}>"
    assert loaded.manifest.guards == guards
    assert loaded.manifest.mode == "eval"
    assert loaded.manifest.kind == "module"
    assert loaded.manifest.torch_version == torch.__version__
    assert list(inspect.signature(loaded).parameters) == ["image", "scale"]
    assert "manifest" in inspect.signature(type(loaded)).parameters  # the class has its own


def test_wrong_dims_are_refused_by_name(path: Path) -> None:
    loaded = load(path)
    # A DimError comes from Python: the guard in the graph, where there is one, would raise torch's own error.
    with pytest.raises(DimError) as caught:
        loaded(image=torch.rand(2, 8, 9, 3))
    assert str(caught.value).startswith("`image` has size 8 at axis 1, but `C` is 3")
    assert "N H W C" in str(caught.value)
    assert caught.value.failures[0].argument == "image"


CALLS: list[tuple[Callable[[Any, Tensor], Any], str]] = [
    (lambda model, image: model(), "`image` is missing"),
    (lambda model, image: model(scale=2.0), "`image` is missing"),
    (lambda model, image: model(image, 1.0, 3), "3 arguments given by position, 2 taken"),
    (lambda model, image: model(img=image), "there is no argument `img`; did you mean `image`?"),
    (lambda model, image: model(image, zoom=2), "there is no argument `zoom`"),
    (lambda model, image: model(image, image=image), "`image` is given twice"),
]


@pytest.mark.parametrize(("call", "text"), CALLS, ids=[text for _, text in CALLS])
def test_wrong_arguments_are_told_in_the_terms_of_the_signature(
    path: Path, call: Callable[[Any, Tensor], Any], text: str
) -> None:
    loaded = load(path)
    with pytest.raises(TypeError) as caught:
        call(loaded, torch.rand(1, 3, 8, 8))
    then = " It takes" if text.endswith("?") else "; it takes"
    assert str(caught.value) == f"{loaded.name}: {text}{then} {SIGNATURE}"


def test_functions_load_too(tmp_path: Path) -> None:
    for name in ("f.pt", "f.ptl"):
        lower(blend).save(tmp_path / name)
        loaded = load(tmp_path / name)
        x, y = torch.rand(2, 5, 3), torch.rand(2, 5, 3)
        torch.testing.assert_close(loaded(y=y, x=x, share=0.25), blend(x, y, 0.25))
        assert loaded.manifest.kind == "function"
        with pytest.raises(DimError, match="`y`"):
            loaded(x, torch.rand(2, 5, 4), 0.5)


def test_device_is_where_the_weights_are(path: Path) -> None:
    loaded = load(path, device="cpu")
    assert {parameter.device.type for parameter in loaded.module.parameters()} == {"cpu"}


DEVICES = [
    ("toaster", "Expected one of cpu, cuda, .*: toaster"),
    # One whose support is a package of its own, and one that this build of torch lacks.
    ("hpu", "No module named 'torch.hpu'"),
    ("vulkan", "Could not run 'aten::empty.memory_format' with arguments from the 'Vulkan' backend"),
]


@pytest.mark.parametrize(("device", "text"), DEVICES)
def test_device_that_is_not_there(path: Path, device: str, text: str) -> None:
    with pytest.raises(ValueError, match=f"^device '{device}' can't be used here: {text}$"):
        load(path, device=device)


def test_a_path_may_be_of_any_kind(path: Path) -> None:
    for one in (path, str(path), os.fsencode(path)):
        assert load(one).name == load(path).name
    with pytest.raises(ArchiveError, match=r"^no\.pt: can't be read"):
        load(b"no.pt")


def test_loading_warns_of_nothing(path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load(path)(torch.rand(1, 3, 8, 8))


def test_a_file_of_plain_torch_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plain.pt"
    torch.jit.save(torch.jit.script(nn.Linear(2, 2)), path)
    with pytest.raises(ArchiveError) as caught:
        load(path)
    assert str(caught.value).startswith(
        f"{path}: is a TorchScript file without a manifest, not a namedtorch archive"
    )


def test_loaded_and_saved_by_plain_torch_the_manifest_is_gone(path: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.pt"
    torch.jit.save(torch.jit.load(path), again)
    with pytest.raises(ArchiveError, match="plain torch drops the manifest when it loads and saves"):
        load(again)


def test_missing_file() -> None:
    with pytest.raises(
        ArchiveError, match=r"^no\.pt: can't be read \(no such file or directory\); check the path$"
    ):
        load("no.pt")


def test_signature_that_no_guard_fits(tmp_path: Path) -> None:
    """An archive of another world: its inputs are arrays of a library that is not known here."""
    foreign = signature("x: N -> N").to_json()
    foreign["parameters"][0]["hint"]["tensor"]["array"] = "jax.Array"
    path = write(tmp_path / "m.pt", nn.ReLU().eval(), Signature.from_json(foreign))
    with pytest.raises(
        ArchiveError, match=r"^[^\n]*m\.pt: no guard fits its signature \([^\n]*jax\.Array[^\n]*$"
    ):
        load(path)


def test_methods_that_the_graph_does_not_have(tmp_path: Path) -> None:
    methods = {"forward": "input: N -> N", "encode": "input: N -> N"}
    path = write(tmp_path / "m.pt", nn.ReLU().eval(), methods)
    with pytest.raises(ArchiveError) as caught:
        load(path)
    assert str(caught.value) == (
        f"{path}: no guard fits its signature (there is no compiled method `encode`); get the file again, or lower the "
        "model again"
    )


def test_broken_weights_behind_a_good_manifest_are_one_line(path: Path, tmp_path: Path) -> None:
    """The directory and the manifest are whole, the program of the model is not."""
    data = path.read_bytes()
    at = data.rindex(b"data.pkl", 0, data.rindex(b"PK\x01\x02")) if b"data.pkl" in data else 0
    broken = tmp_path / "broken.pt"
    flipped = bytearray(data)
    for offset in range(60, 140):
        flipped[at + offset] ^= 0xFF
    broken.write_bytes(flipped)
    with pytest.raises(ArchiveError) as caught:
        load(broken)
    assert "\n" not in str(caught.value)


# Digests


def tampered(path: Path, tmp_path: Path) -> Path:
    """A copy with one bit of the weights flipped."""
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        record = next(one for one in archive.infolist() if "/data/" in one.filename and one.file_size >= 4)
        offset = record.header_offset
        start = offset + 30 + sum(struct.unpack("<HH", data[offset + 26 : offset + 30]))
    data[start] ^= 1
    copy = tmp_path / path.name
    copy.write_bytes(data)
    return copy


def test_changed_weights_are_found(path: Path, tmp_path: Path) -> None:
    wrong = tampered(path, tmp_path)
    for digest in (None, "check"):
        with pytest.raises(ArchiveError, match="its weights changed since the file was saved"):
            load(wrong, digest=digest)
    assert load(wrong, digest="skip")(torch.rand(1, 3, 8, 8)).shape == (1, 10)


def test_large_files_are_checked_on_request(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[load.__module__], "CHECKED_BELOW", path.stat().st_size)
    wrong = tampered(path, tmp_path)
    load(wrong)
    with pytest.raises(ArchiveError, match="its weights changed"):
        load(wrong, digest="check")


def test_a_digest_is_checked_or_skipped(path: Path) -> None:
    with pytest.raises(ValueError, match=r"^digest is 'check', 'skip' or None, not 'yes'$"):
        load(path, digest="yes")  # pyright: ignore[reportArgumentType]


def test_an_archive_of_schema_1_has_no_digests() -> None:
    old = Path("tests/archive/golden/1-classifier.pt")
    load(old)
    with pytest.raises(ArchiveError) as caught:
        load(old, digest="check")
    assert str(caught.value) == (
        f"{old}: has no digests to check (its manifest is of schema 1, without them); load it with digest='skip', or "
        "lower the model again"
    )


# Operators


class Doubled(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.ops.testops.double(x)


def test_operators_that_are_there(tmp_path: Path) -> None:
    assert my_operators.double is not None
    operators = {"testops::double": "python module tests.lower.my_operators"}
    path = write(tmp_path / "m.pt", Doubled().eval(), "x: N -> N", operators=operators)
    assert load(path)(torch.ones(2)).tolist() == [2, 2]


def test_operators_that_are_missing(tmp_path: Path) -> None:
    operators = {"mylib::relu2": "python module mylib.ops"}
    path = write(tmp_path / "m.pt", nn.ReLU().eval(), "input: N -> N", operators=operators)
    with pytest.raises(ArchiveError) as caught:
        load(path)
    assert str(caught.value) == (
        f"{path}: needs the operator mylib::relu2 from python module mylib.ops: import mylib.ops before load"
    )


def test_operators_that_are_none(tmp_path: Path) -> None:
    path = write(tmp_path / "m.pt", nn.ReLU().eval(), "input: N -> N", operators={"relu2": "unknown"})
    with pytest.raises(
        ArchiveError, match=r"needs the operator relu2 from unknown: import or load what registers it"
    ):
        load(path)


def test_operators_that_a_manifest_does_not_name_are_missed_in_another_process(tmp_path: Path) -> None:
    path = write(tmp_path / "m.pt", Doubled().eval(), "x: N -> N")
    code = (
        "import sys, namedtorch\n"
        "try:\n"
        "    namedtorch.load(sys.argv[1])\n"
        "except namedtorch.ArchiveError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == (
        f"{path}: needs the operator testops::double from unknown: import or load what registers it before load"
    )
