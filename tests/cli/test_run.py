"""`namedtorch lower` and `namedtorch run`, from a user's module to a result in a file."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from namedtorch.archive.container import read_manifest

Run = Callable[..., Any]

MODELS = """
import torch
from torch import Tensor, nn
from namedtorch import Bool, Float, checked

@checked
class Classifier(nn.Module):
    def __init__(self, classes, bias=True):
        super().__init__()
        self.classes = classes
        self.conv = nn.Conv2d(3, classes, 3)
        self.dropout = nn.Dropout(0.5)
        nn.init.ones_(self.conv.weight)
        nn.init.zeros_(self.conv.bias)

    def forward(self, image: Float[Tensor, "N C=3 H W where H >= 8"]) -> Float[Tensor, "N self.classes"]:
        return self.dropout(self.conv(image).mean((2, 3)))

instance = Classifier(4)

def make(classes: int = 5) -> nn.Module:
    return Classifier(classes)

@checked
def split(
    x: Float[Tensor, "N C"], scale: float, shift: Float[Tensor, ""]
) -> tuple[Float[Tensor, "N"], Float[Tensor, "C"]]:
    return x.sum(1) * scale + shift, x.sum(0)

def named(x: Float[Tensor, "N"]) -> dict[str, Float[Tensor, "N"]]:
    return {"file": x, "double": x * 2}

def unscriptable(x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
    try:
        return x
    finally:
        pass

def picky(x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
    if x.size(0) > 2:
        raise ValueError("too many")
    return x
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a user's module and arrays, as the current one."""
    (tmp_path / "models_of_a_user.py").write_text(MODELS)
    np.save(tmp_path / "image.npy", np.ones((2, 3, 8, 9), np.float32))
    np.save(tmp_path / "nhwc.npy", np.ones((2, 8, 9, 3), np.float32))
    np.save(tmp_path / "x.npy", np.arange(6, dtype=np.float32).reshape(2, 3))
    np.save(tmp_path / "big_endian.npy", np.arange(6, dtype=">f4").reshape(2, 3))
    np.save(tmp_path / "v.npy", np.arange(2, dtype=np.float32))
    np.save(tmp_path / "text.npy", np.array(["a", "b"]))
    np.save(tmp_path / "objects.npy", np.array([{}, []], dtype=object))
    np.savez(tmp_path / "several.npz", a=np.ones(2), b=np.ones(2))
    (tmp_path / "broken.npy").write_bytes((tmp_path / "x.npy").read_bytes()[:90])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    sys.modules.pop("models_of_a_user", None)


def lowered(run: Run, name: str, *words: str) -> str:
    path = f"{name}.pt"
    done = run("lower", f"models_of_a_user:{name}", "-o", path, *words)
    assert (done.code, done.err) == (0, "")
    return path


LOWERED = [
    ("Classifier --arg classes=10", "image: N C=3 H W -> N classes=10 where H >= 8", "eval", "boundary"),
    (
        "Classifier --arg classes=10 --train",
        "image: N C=3 H W -> N classes=10 where H >= 8",
        "train",
        "boundary",
    ),
    ("instance --guards none", "image: N C=3 H W -> N classes=4 where H >= 8", "eval", "none"),
    ("make", "image: N C=3 H W -> N classes=5 where H >= 8", "eval", "boundary"),
    ("make --arg classes=6", "image: N C=3 H W -> N classes=6 where H >= 8", "eval", "boundary"),
    ("named", "x: N -> dict[str, N]", "eval", "boundary"),
]


@pytest.mark.parametrize(
    ("words", "signature", "mode", "guards"), LOWERED, ids=[words for words, *_ in LOWERED]
)
def test_lowers_classes_functions_and_instances(
    run: Run, words: str, signature: str, mode: str, guards: str
) -> None:
    name, *options = words.split()
    done = run("lower", f"models_of_a_user:{name}", "-o", "m.pt", *options)
    assert (done.code, done.err) == (0, "")
    assert done.out == f"m.pt: {signature} ({Path('m.pt').stat().st_size:,} bytes)\n"
    manifest = read_manifest("m.pt")
    assert (str(manifest.signature), manifest.mode, manifest.guards) == (signature, mode, guards)
    assert manifest.name == f"models_of_a_user.{'named' if name == 'named' else 'Classifier'}"


def test_lowered_objects_take_no_arguments(run: Run) -> None:
    for name in ("instance", "split"):
        done = run("lower", f"models_of_a_user:{name}", "-o", "m.pt", "--arg", "classes=3")
        assert done.code == 2
        assert done.err.startswith(
            f"error: `models_of_a_user:{name}` is lowered as it is and takes no --arg\n"
        )


def test_what_can_not_be_lowered_is_refused_in_one_block(run: Run, project: Path) -> None:
    done = run("lower", "models_of_a_user:unscriptable", "-o", "m.pt")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: ")
    assert "models_of_a_user.py" in done.err
    assert "Traceback" not in done.err
    assert not Path("m.pt").exists()


def test_old_file_stays_where_lowering_fails(run: Run) -> None:
    path = lowered(run, "make")
    before = Path(path).read_bytes()
    assert run("lower", "models_of_a_user:unscriptable", "-o", path).code == 1
    assert Path(path).read_bytes() == before


def test_one_result_becomes_one_array(run: Run) -> None:
    path = lowered(run, "make")
    for words in (["image=@image.npy"], ["@image.npy"]):
        done = run("run", path, *words, "-o", "y.npy")
        assert (done.code, done.err) == (0, "")
        assert done.out == "result: N=2 classes=5, float32\nwrote y.npy\n"
        np.testing.assert_allclose(np.load("y.npy"), np.full((2, 5), 27.0))


def test_lite_archive_runs(run: Run) -> None:
    assert run("lower", "models_of_a_user:make", "-o", "m.ptl").code == 0
    assert run("run", "m.ptl", "@image.npy").out == "result: N=2 classes=5, float32\n"


def test_several_results_become_a_npz(run: Run) -> None:
    path = lowered(run, "split")
    done = run("run", path, "@x.npy", "scale=2.0", "shift=1", "-o", "y.npz")
    assert (done.code, done.err) == (0, "")
    assert done.out == "0: N=2, float32\n1: C=3, float32\nwrote y.npz\n"
    with np.load("y.npz") as arrays:
        assert arrays.files == ["0", "1"]
        np.testing.assert_allclose(arrays["0"], [7, 25])
    done = run("run", path, "@x.npy", "scale=2.0", "shift=1", "-o", "y.npy")
    assert done.out == ""
    assert (done.code, done.err) == (1, "error: the result is 2 arrays (0, 1); write them with -o y.npz\n")


def test_results_with_names(run: Run) -> None:
    path = lowered(run, "named")
    done = run("run", path, "x=[1.0, 2.0]", "-o", "y.npz")
    assert done.out == "file: N=2, float32\ndouble: N=2, float32\nwrote y.npz\n"
    with np.load("y.npz") as arrays:
        np.testing.assert_allclose(arrays["double"], [2, 4])


def test_byte_order_of_the_file_does_not_matter(run: Run) -> None:
    path = lowered(run, "split")
    assert run("run", path, "@big_endian.npy", "1.0", "0.0").out == "0: N=2, float32\n1: C=3, float32\n"


def test_wrong_dims_are_refused_with_the_guards_text(run: Run) -> None:
    done = run("run", lowered(run, "make"), "image=@nhwc.npy", "-o", "y.npy")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: `image` has size 8 at axis 1, but `C` is 3")
    assert done.err.endswith("\n  see: namedtorch explain dims-differ\n")
    assert not Path("y.npy").exists()


REFUSED = [
    ("make", "image=@no.npy", "can't read no.npy: No such file or directory"),
    ("make", "image=@text.npy", "`image` is no tensor ("),
    ("make", "image=@objects.npy", "can't read objects.npy: it is no .npy file of numbers ("),
    (
        "make",
        "image=@several.npz",
        "can't read several.npz: it holds several arrays; save one with numpy.save",
    ),
    ("make", "image=@broken.npy", "can't read broken.npy: it is no .npy file"),
    ("make", "image=@models_of_a_user.py", "can't read models_of_a_user.py: it is no .npy file"),
    (
        "make",
        "image=hello",
        "`image` is the text 'hello', and the model takes an array: a file is read with @hello",
    ),
    (
        "make",
        "img=@image.npy",
        "models_of_a_user.Classifier: there is no argument `img`; did you mean `image`?",
    ),
    ("make", "", "models_of_a_user.Classifier: `image` is missing; it takes image: N C=3 H W"),
    ("make", "@image.npy 3", "models_of_a_user.Classifier: 2 arguments given by position, 1 taken"),
    ("split", "@x.npy scale=big shift=0", "scale"),
    ("picky", "[1.0,2.0,3.0]", "the model failed: "),
    ("make", "@image.npy --device toaster", "device 'toaster' can't be used here: Expected one of cpu, cuda"),
]


@pytest.mark.parametrize(
    ("name", "words", "text"), REFUSED, ids=[f"{name} {words}" for name, words, _ in REFUSED]
)
def test_inputs_that_do_not_do_are_refused_in_one_block(run: Run, name: str, words: str, text: str) -> None:
    done = run("run", lowered(run, name), *words.split())
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: ")
    assert text in done.err
    assert "Traceback" not in done.err


def test_error_inside_the_graph_ends_with_its_text(run: Run) -> None:
    done = run("run", lowered(run, "picky"), "[1.0,2.0,3.0]")
    assert "too many" in done.err
    assert done.err.count("\n") == 1


WRONG_USE = [
    ("image=@image.npy -o y.txt", "-o y.txt: the result is written as .npy (one array) or .npz (several)"),
    ("image=@image.npy -o no/y.npy", "there is no folder 'no' to write y.npy to"),
    ("image=@image.npy image=@image.npy", "`image` is given twice"),
    ("image=@image.npy 3", "`3` has no name, and stands behind a named input: give it one, NAME=3"),
]


@pytest.mark.parametrize(("words", "text"), WRONG_USE)
def test_wrong_use_is_told_before_the_archive_is_opened(run: Run, words: str, text: str) -> None:
    done = run("run", "no.pt", *words.split())
    assert (done.code, done.out) == (2, "")
    assert done.err == f"error: {text}\n  see: namedtorch run --help\n"


def test_unwritable_output_of_lower(run: Run, project: Path) -> None:
    (project / "folder.pt").mkdir()
    done = run("lower", "models_of_a_user:make", "-o", "folder.pt")
    assert done.code == 1
    assert (
        done.err
        == f"error: can't write {str(project / 'folder.pt')!r}: it is a folder; give the path of a file\n"
    )


def test_as_a_program_in_the_users_folder(project: Path) -> None:
    command = [sys.executable, "-m", "namedtorch", "lower", "models_of_a_user:make", "-o", "m.pt"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("m.pt: image: N C=3 H W -> N classes=5 where H >= 8 (")
