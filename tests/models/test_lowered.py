"""The models as TorchScript: the same numbers, saved, and run where there is torch and no namedtorch."""

import json
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils import _pytree as pytree

from namedtorch import Lowered, lower
from tests.models.corpus import FOLDER, MODELS, Model, results

READER = FOLDER / "fresh" / "reader.py"


class Reader:
    """A process that has no namedtorch, and the folder of the files that it reads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._errors = folder / "errors.txt"
        with self._errors.open("w") as errors:
            self._process = subprocess.Popen(
                [sys.executable, str(READER), str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=folder,
                env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
                | {"OMP_NUM_THREADS": "1"},
            )

    def told(self, name: str) -> dict[str, Any]:
        """What the files of this name did, by their kind, and what of namedtorch the process has imported."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(name, file=self._process.stdin, flush=True)
        # Models print, too.
        for line in self._process.stdout:
            if line == f"told {name}\n":
                return json.loads((self.folder / f"{name}.told").read_text())
        raise AssertionError(self._errors.read_text())

    def end(self) -> None:
        """Lets the process end, which it does when there is nothing more to read."""
        _, _ = self._process.communicate(timeout=60)
        assert self._process.returncode == 0, self._errors.read_text()


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    one = Reader(tmp_path_factory.mktemp("models"))
    yield one
    one.end()


@pytest.fixture(scope="module", params=MODELS, ids=lambda one: one.name)
def model(request: pytest.FixtureRequest) -> Model:
    """Each model, all tests of one before those of the next."""
    return request.param


@pytest.fixture(scope="module")
def lowered(model: Model) -> Lowered:
    with warnings.catch_warnings():
        # It takes three lists, and lists are drawn in pairs.
        warnings.filterwarnings("ignore", "Recommender was not verified: no inputs were found")
        return lower(model.make())


def write(model: Model, one: Lowered, folder: Path) -> None:
    """Writes the files of a model that was lowered, and its calls and results."""
    one.save(folder / f"{model.name}.pt")
    if model.lite:
        one.save(folder / f"{model.name}.ptl")
    content = {
        "runs": [[(call.method, call.args) for call in calls] for calls in model.runs()],
        "results": model.results,
        "wrong": model.wrong,
        "methods": list(model.methods),
        "lite": model.lite,
    }
    torch.save(content, folder / f"{model.name}.calls")


def change(folder: Path, name: str) -> None:
    """Writes the files of a model again, beside results that it does not give."""
    content = torch.load(folder / f"{name}.calls")
    content["results"] = pytree.tree_map(lambda one: one + 1, content["results"])
    torch.save(content, folder / "changed.calls")
    for suffix in (".pt", ".ptl"):
        shutil.copyfile(folder / f"{name}{suffix}", folder / f"changed{suffix}")


def test_gives_the_same_numbers(lowered: Lowered, model: Model) -> None:
    torch.testing.assert_close(results(lowered.module, model.runs()), model.results)


def test_runs_without_namedtorch(lowered: Lowered, model: Model, reader: Reader) -> None:
    write(model, lowered, reader.folder)
    told = reader.told(model.name)
    for kind in ("pt", "frozen", *(("lite",) if model.lite else ())):
        outcome, refusal = told[kind]
        assert outcome == "fine", kind
        assert "namedtorch: " in refusal
        assert model.refused in refusal, kind
    assert told["imported"] == []


def test_other_numbers_are_told(reader: Reader) -> None:
    model = next(one for one in MODELS if one.name == "vae")
    write(model, lower(model.make(), verify=False), reader.folder)
    change(reader.folder, model.name)
    told = reader.told("changed")
    for kind in ("pt", "frozen", "lite"):
        outcome, _ = told[kind]
        assert outcome.startswith("forward: AssertionError: Tensor-likes are not close"), kind
