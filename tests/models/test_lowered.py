"""The models as TorchScript: the same numbers, saved, and run where there is torch and no namedtorch."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils import _pytree as pytree

from namedtorch import Lowered, lower
from tests.models.corpus import FOLDER, MODELS, Model, results

READER = FOLDER / "fresh" / "reader.py"


@pytest.fixture(scope="module")
def lowered() -> dict[str, Lowered | Exception]:
    """Each model lowered, or why it could not be; each is tested by itself."""
    found: dict[str, Lowered | Exception] = {}
    for model in MODELS:
        try:
            found[model.name] = lower(model.make())
        except Exception as error:
            found[model.name] = error
    return found


@pytest.fixture(scope="module")
def told(lowered: dict[str, Lowered | Exception], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each file did in one process that has no namedtorch, by model and kind of file; or why there is none."""
    folder = tmp_path_factory.mktemp("models")
    failed: dict[str, Any] = {}
    for model in MODELS:
        try:
            write(model, lowered[model.name], folder)
        except Exception as error:
            failed[model.name] = error
    names = [model.name for model in MODELS if model.name not in failed]
    names.append(changed(folder, names[0]))
    done = subprocess.run(
        [sys.executable, str(READER), str(folder), *names],
        capture_output=True,
        text=True,
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        | {"OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    return failed | json.loads((folder / "told.json").read_text())


def changed(folder: Path, name: str) -> str:
    """The files of a model again, beside results that it does not give."""
    content = torch.load(folder / f"{name}.calls")
    content["results"] = pytree.tree_map(lambda one: one + 1, content["results"])
    torch.save(content, folder / "changed.calls")
    for suffix in (".pt", ".ptl"):
        shutil.copyfile(folder / f"{name}{suffix}", folder / f"changed{suffix}")
    return "changed"


def write(model: Model, one: Lowered | Exception, folder: Path) -> None:
    """Writes the files of a model that was lowered, and its calls and results. Raises why it was not."""
    if isinstance(one, Exception):
        raise one
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


@pytest.mark.parametrize("model", MODELS, ids=lambda one: one.name)
def test_gives_the_same_numbers(lowered: dict[str, Lowered | Exception], model: Model) -> None:
    one = lowered[model.name]
    if isinstance(one, Exception):
        raise one
    torch.testing.assert_close(results(one.module, model.runs()), model.results)


@pytest.mark.parametrize("model", MODELS, ids=lambda one: one.name)
def test_runs_without_namedtorch(told: dict[str, Any], model: Model) -> None:
    if model.name in told:
        raise told[model.name]
    for kind in ("pt", "frozen", *(("lite",) if model.lite else ())):
        outcome, refusal = told[f"{model.name} {kind}"]
        assert outcome == "fine", kind
        assert "namedtorch: " in refusal
        assert model.refused in refusal, kind


def test_other_numbers_are_told(told: dict[str, Any]) -> None:
    for kind in ("pt", "frozen", "lite"):
        outcome, _ = told[f"changed {kind}"]
        assert outcome.startswith("forward: AssertionError: Tensor-likes are not close"), kind


def test_the_process_had_no_namedtorch(told: dict[str, Any]) -> None:
    assert told["imported"] == []
