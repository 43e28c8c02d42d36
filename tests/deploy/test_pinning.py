"""A file that is pinned by its sha256, and one that changes while it is loaded."""

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from namedtorch import ArchiveError, load
from namedtorch.deploy.runtimes.registry import RUNTIMES, Runtime
from tests.deploy.archives import write, write_exported


@pytest.fixture(params=["m.pt", "m.pt2"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / request.param
    if path.suffix == ".pt2":
        return write_exported(path, Doubled(), {"x": torch.ones(2)}, "x: N=2 -> N")
    return write(path, Doubled().eval(), "x: N=2 -> N")


class Doubled(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * 2


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_very_file_is_loaded(path: Path) -> None:
    for wanted in (digest(path), digest(path).upper()):
        assert load(path, sha256=wanted)(torch.ones(2)).tolist() == [2, 2]


def test_another_file_is_refused_before_anything_is_read(path: Path) -> None:
    pinned = digest(path)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(ArchiveError) as caught:
        load(path, sha256=pinned, digest="skip")
    assert str(caught.value) == (
        f"{path}: is not the file that was pinned: its sha256 is {digest(path)[:12]}..., and {pinned[:12]}... was "
        "asked for; get that file, or pin this one if it is meant"
    )


def test_a_digit_that_was_mistyped_is_to_be_seen(path: Path) -> None:
    own = digest(path)
    wrong = own[:-1] + ("0" if own[-1] != "0" else "1")
    with pytest.raises(ArchiveError, match=f"its sha256 is {own}, and {wrong} was asked for; get that file"):
        load(path, sha256=wrong)


def test_what_is_no_archive_is_pinned_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "noise.pt"
    path.write_bytes(b"noise")
    with pytest.raises(ArchiveError, match="is not the file that was pinned"):
        load(path, sha256="0" * 64)


@pytest.mark.parametrize("text", ["", "abc", "g" * 64, "0" * 63, "sha256:" + "0" * 64])
def test_a_text_that_is_no_digest(path: Path, text: str) -> None:
    with pytest.raises(ValueError, match=r"^sha256 is the digest of the whole file, 64 hexadecimal digits"):
        load(path, sha256=text)


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"can't be read \(no such file or directory\); check the path"):
        load(tmp_path / "no.pt", sha256="0" * 64)


def test_a_file_that_is_replaced_while_it_is_loaded(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the digests and torch another file takes its place, as a deployment might put it there."""
    other = tmp_path / "other"
    other.write_bytes(path.read_bytes())
    of_format = "export" if path.suffix == ".pt2" else "torchscript"
    runtime = RUNTIMES[of_format]

    def replacing(*given: Any) -> Any:
        os.replace(other, path)
        return runtime.open(*given)

    changed = Runtime(runtime.name, replacing, devices=runtime.devices, gradients=runtime.gradients)
    monkeypatch.setitem(RUNTIMES, of_format, changed)  # pyright: ignore[reportArgumentType]  # a plain dict
    with pytest.raises(ArchiveError) as caught:
        load(path)
    assert str(caught.value) == f"{path}: was changed while it was loaded; load it again"
