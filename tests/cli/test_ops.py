"""`namedtorch ops`: what a phone needs for several archives, in one list."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def archives(run: Run, project: Path) -> list[str]:
    """A model with a convolution for phones, and one with a linear layer for torch."""
    for words in (
        ["models_of_a_user:instance", "-o", "photos.ptl"],
        ["models_of_a_user:Plain", "-o", "plain.pt", "--signature", "x: N in=3 -> N out=2"],
    ):
        assert run("lower", *words, "--no-verify").code == 0
    return ["photos.ptl", "plain.pt"]


def test_one_list_for_several_archives(run: Run, archives: list[str]) -> None:
    lists = [run("ops", path).out.splitlines() for path in archives]
    assert "- aten::conv2d" in lists[0]
    assert "- aten::linear" in lists[1]
    done = run("ops", *archives, "-o", "ops.yaml")
    written = Path("ops.yaml").read_text().splitlines()
    assert written == sorted({*lists[0], *lists[1]})
    assert (done.code, done.err) == (0, "")
    assert done.out == f"ops.yaml: {len(written)} operators of 2 archives\n"


def test_as_data(run: Run, archives: list[str]) -> None:
    data = run("ops", *archives, "--json").data
    assert data["output"] is None
    assert list(data["archives"]) == archives
    assert data["operators"] == sorted({name for one in data["archives"].values() for name in one})


def test_what_is_no_archive(run: Run, project: Path) -> None:
    done = run("ops", "missing.ptl")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: missing.ptl: can't be read")
    done = run("ops", "image.npy", "-o", "no/ops.yaml")
    assert (done.code, done.err.splitlines()[0]) == (2, "error: there is no folder 'no' to write ops.yaml to")
