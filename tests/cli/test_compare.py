"""`namedtorch compare`: the verdict, its exit code, and no torch."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from namedtorch.archive.manifest import Manifest, Method
from namedtorch.archive.seal import seal
from namedtorch.signature.plan import build_plan
from namedtorch.signature.text import parse_signature

Run = Callable[..., Any]

TEXTS = {
    "old": "image: N C=3 H W -> N 10",
    "same": "image: batch C=3 h w -> batch 10",
    "wider": "image: N C H W -> N 10",
    "broken": "image: N C=3 H W -> N 1000 where H >= 32",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of archives, as the current one."""
    monkeypatch.chdir(tmp_path)
    for name, text in TEXTS.items():
        with zipfile.ZipFile(f"{name}.pt", "w") as container:
            container.writestr(f"{name}/data.pkl", b"data")
            container.writestr(f"{name}/constants.pkl", b"constants")
            container.writestr(f"{name}/data/0", b"weights" if name == "old" else b"others")
        signature = parse_signature(text)
        manifest = Manifest(
            name="m.Model",
            kind="module",
            mode="eval",
            guards="boundary",
            methods={"forward": Method(signature, build_plan(signature))},
            torch_version="2.13.0",
        )
        seal(Path(f"{name}.pt"), manifest)


BREAKING = """\
breaking: broken.pt can't stand in the place of old.pt, for 2 reasons
  1. the new model asks for H >= 32, which a caller of the old model does not promise
  2. the result: a caller of the old model asks for 10 at axis 1, and the new model has 1000 there
  old: image: N C=3 H W -> N 10
  new: image: N C=3 H W -> N 1000 where H >= 32
  note: the weights differ
"""
COMPATIBLE = """\
compatible: wider.pt can stand in the place of old.pt, and differs in 1 thing
  1. `image`: the old model asks for `C=3` at axis 1, and a caller of the new model has `C` there
  old: image: N C=3 H W -> N 10
  new: image: N C H W -> N 10
  note: the weights differ
"""
IDENTICAL = """\
identical: same.pt takes the same calls as old.pt, and promises the same results
  old: image: N C=3 H W -> N 10
  new: image: batch C=3 h w -> batch 10
  note: the weights differ
"""

ANSWERS: list[tuple[list[str], int, str]] = [
    (["old.pt", "broken.pt"], 1, BREAKING),
    (["old.pt", "wider.pt"], 0, COMPATIBLE),
    (["old.pt", "same.pt"], 0, IDENTICAL),
    (["old.pt", "wider.pt", "--require", "identical"], 1, COMPATIBLE),
    (["old.pt", "same.pt", "--require", "identical"], 0, IDENTICAL),
    (["old.pt", "same.pt", "--dtype", "float32"], 0, IDENTICAL),
]


@pytest.mark.parametrize(("words", "code", "text"), ANSWERS, ids=[" ".join(words) for words, *_ in ANSWERS])
def test_the_answer_and_the_exit_code(run: Run, words: list[str], code: int, text: str) -> None:
    done = run("compare", *words)
    assert (done.code, done.out, done.err) == (code, text, "")


def test_json(run: Run) -> None:
    done = run("compare", "old.pt", "broken.pt", "--json")
    assert (done.code, done.err) == (1, "")
    assert done.data == {
        "verdict": "breaking",
        "old": "old.pt",
        "new": "broken.pt",
        "reasons": [line[5:] for line in BREAKING.splitlines()[1:3]],
        "changes": [],
        "notes": ["the weights differ"],
        "exit": 1,
    }


WRONG = [
    (["old.pt"], "error: the following arguments are required: NEW"),
    (["old.pt", "same.pt", "--dtype", "flot"], "error: --dtype: there is no dtype 'flot'"),
    (["old.pt", "same.pt", "--require", "breaking"], "error: argument --require: invalid choice"),
    # 1 would say that the new model breaks something.
    (["old.pt", "no.pt"], "error: no.pt: can't be read (no such file or directory); check the path"),
    (["no.pt", "old.pt"], "error: no.pt: can't be read (no such file or directory); check the path"),
]


@pytest.mark.parametrize(("words", "text"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_what_can_not_be_compared_is_no_verdict(run: Run, words: list[str], text: str) -> None:
    done = run("compare", *words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(text)
    assert run("compare", *words, "--json").data["exit"] == 2


def test_loads_neither_torch_nor_numpy() -> None:
    code = (
        "import sys; from namedtorch.cli import main\n"
        "assert main(['compare', 'old.pt', 'wider.pt', '--json']) == 0\n"
        "assert main(['inspect', 'old.pt', '--as', 'oip', '--dtype', 'float32', '-o', 'oip.json']) == 0\n"
        "print(*sorted({'torch', 'numpy'} & sys.modules.keys()), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "")
    assert json.loads(Path("oip.json").read_text())["inputs"][0]["shape"] == [-1, 3, -1, -1]
