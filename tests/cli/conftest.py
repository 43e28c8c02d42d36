"""Calls of the command line in this process, in a folder with a user's models and arrays."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from namedtorch.cli import main

MODELS = Path(__file__).parent / "project" / "models_of_a_user.py"


@dataclass(frozen=True)
class Outcome:
    """How a command ended: its exit code, and what it wrote to the standard output and error."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The object on the standard output."""
        return json.loads(self.out)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Runs `namedtorch` with these words."""

    def call(*words: object) -> Outcome:
        capsys.readouterr()
        code = main([str(word) for word in words])
        return Outcome(code, *capsys.readouterr())

    return call


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a user's module and arrays, as the current one."""
    shutil.copy(MODELS, tmp_path)
    image = np.ones((2, 3, 8, 9), np.float32)
    arrays = {
        "image": image,
        "nhwc": image.transpose(0, 2, 3, 1),
        "double": image.astype(np.float64),
        "x": np.arange(6, dtype=np.float32).reshape(2, 3),
        "big_endian": np.arange(6, dtype=">f4").reshape(2, 3),
        "v": np.arange(2, dtype=np.float32),
        "places": np.array([3, 4]),
        "small": np.ones((3, 4, 5), np.float32),
        "large": np.full((3, 6, 7), 2, np.float32),
        "text": np.array(["a", "b"]),
    }
    for name, array in arrays.items():
        np.save(tmp_path / f"{name}.npy", array)
    np.save(tmp_path / "objects.npy", np.array([{}, []], dtype=object))
    np.savez(tmp_path / "several.npz", image=image, objects=np.array([{}], dtype=object))
    (tmp_path / "broken.npy").write_bytes((tmp_path / "x.npy").read_bytes()[:90])
    (tmp_path / "broken.npz").write_bytes((tmp_path / "several.npz").read_bytes()[:90])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    sys.modules.pop("models_of_a_user", None)


@pytest.fixture
def lowered(run: Callable[..., Outcome], project: Path) -> Callable[..., str]:
    """Lowers one of the user's models and returns the name of the file."""

    def call(name: str, *words: str) -> str:
        path = f"{name}.pt"
        done = run("lower", f"models_of_a_user:{name}", "-o", path, *words)
        assert (done.code, done.err) == (0, "")
        return path

    return call
