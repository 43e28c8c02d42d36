"""`namedtorch inspect --as`: what a server asks to know, printed or written to a file."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

GOLDEN = Path(__file__).parents[1] / "archive" / "golden"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with two archives, as the current one."""
    shutil.copy(GOLDEN / "4-traced.pt", tmp_path / "means.pt")
    shutil.copy(GOLDEN / "4-classifier.pt", tmp_path)
    monkeypatch.chdir(tmp_path)


TRITON = """\
# means.pt: models.Averager
# image: N C=3 H W -> N classes=5
# The file goes to means/1/model.pt in the model repository.
name: "means"
backend: "pytorch"
platform: "pytorch_libtorch"
max_batch_size: 8
input [
  {
    # image: N C=3 H W; Triton adds N
    # Float, given as float16
    name: "image"
    data_type: TYPE_FP16
    dims: [ 3, -1, -1 ]
  }
]
output [
  {
    # OUTPUT__0: N classes=5; Triton adds N
    # Float: float32, as the weights are
    name: "OUTPUT__0"
    data_type: TYPE_FP32
    dims: [ 5 ]
  }
]
"""


def test_triton(run: Run) -> None:
    words = ("inspect", "means.pt", "--as", "triton", "--max-batch-size", "8", "--dtype", "image=float16")
    done = run(*words)
    assert (done.code, done.out, done.err) == (0, TRITON, "")
    done = run(*words, "-o", "config.pbtxt")
    assert (done.code, done.out, done.err) == (0, "wrote config.pbtxt\n", "")
    assert Path("config.pbtxt").read_text() == TRITON
    assert run(*words, "--json").data == {
        "target": "triton",
        "name": "means",
        "content": TRITON,
        "notes": [],
        "output": None,
    }


NOTES = """\
note: `image` is Float: float32, as the weights are
note: `OUTPUT__0` is Float: float32, as the weights are
"""


def test_oip(run: Run) -> None:
    done = run("inspect", "4-classifier.pt", "--as", "oip", "--name", "digits")
    assert (done.code, done.err) == (
        0,
        NOTES + "note: `scale` may be left out, and is not listed: scale: float = 1.0\n",
    )
    assert json.loads(done.out) == {
        "name": "digits",
        "versions": ["1"],
        "platform": "pytorch_torchscript",
        "inputs": [{"name": "image", "datatype": "FP32", "shape": [-1, 3, -1, -1]}],
        "outputs": [{"name": "OUTPUT__0", "datatype": "FP32", "shape": [-1, 5]}],
    }


def test_mlflow(run: Run) -> None:
    done = run("inspect", "4-classifier.pt", "--as", "mlflow", "-o", "signature.json", "--check")
    assert (done.code, done.out, done.err) == (0, "wrote signature.json\n", NOTES)
    found = json.loads(Path("signature.json").read_text())
    assert json.loads(found["inputs"]) == [
        {"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 3, -1, -1]}}
    ]
    assert json.loads(found["params"]) == [{"name": "scale", "default": 1.0, "shape": None, "type": "double"}]
    assert run("inspect", "4-classifier.pt", "--as", "mlflow", "--json").data["content"] == found


def test_what_can_not_be_described_is_refused(run: Run) -> None:
    Path("config.pbtxt").write_text("before")
    done = run("inspect", "4-classifier.pt", "--as", "triton", "-o", "config.pbtxt")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "error: 4-classifier.pt: `scale` is `float`, and Triton's PyTorch backend loads a model only if forward takes "
        "tensors alone: lower a module whose forward takes no more, or lower to .onnx, which fixes other values\n"
    )
    assert Path("config.pbtxt").read_text() == "before"


WRONG = [
    (
        ["--as", "torchserve"],
        "error: argument --as: invalid choice: 'torchserve'; it is one of triton, oip, mlflow",
    ),
    (["--name", "x"], "error: --name goes with --as triton, oip or mlflow"),
    (["--dtype", "float32"], "error: --dtype goes with --as triton, oip or mlflow"),
    (["--max-batch-size", "0"], "error: --max-batch-size goes with --as triton, oip or mlflow"),
    (["--as", "oip", "--max-batch-size", "2"], "error: --max-batch-size goes with --as triton"),
    (
        ["--as", "triton", "--max-batch-size", "-1"],
        "error: argument --max-batch-size: '-1' is no number of samples",
    ),
    (["--as", "oip", "--name", "a/b"], "error: --name 'a/b': servers take the name for that of a folder"),
    (
        ["--as", "oip", "--dtype", "=int8"],
        "error: --dtype =int8: write --dtype NAME=int64, or --dtype float32 for all",
    ),
    (
        ["--as", "oip", "--dtype", "x=int8", "--dtype", "x=int8"],
        "error: --dtype x=int8: `x` has a dtype already",
    ),
    (["--as", "oip", "-o", "no/x"], "error: there is no folder 'no' to write x to"),
    (["-o", "x"], "error: -o goes with --"),
]


@pytest.mark.parametrize(("words", "text"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_wrong_use(run: Run, words: list[str], text: str) -> None:
    done = run("inspect", "means.pt", *words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(text)


def test_a_tensor_that_there_is_not(run: Run) -> None:
    done = run("inspect", "means.pt", "--as", "oip", "--dtype", "y=int8")
    assert done.code == 1
    assert done.err == "error: means.pt: --dtype y: there is no such tensor; there are image, OUTPUT__0\n"
