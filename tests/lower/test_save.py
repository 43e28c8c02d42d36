"""Files: the guard, the manifest and the user's lines are in them, for readers that do not know namedtorch."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.jit.mobile import _load_for_lite_interpreter

from namedtorch import ArchiveError, Float, LowerError, checked, lower
from namedtorch.archive.container import read_manifest
from namedtorch.lower.torchscript import open_archive


@checked
class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, image: Float[Tensor, "N C=3 H W where H >= 3"]) -> Float[Tensor, "N 4"]:
        scores = self.conv(image).mean((2, 3))
        return scores / self.checked_sum(image)

    def checked_sum(self, image: Float[Tensor, "N C H W"]) -> Float[Tensor, ""]:
        if image.sum() < 0:
            raise ValueError("negative")  # the line
        return image.sum()


def blend(
    x: Float[Tensor, "*batch C"], y: Float[Tensor, "*batch C"], share: float = 0.5
) -> Float[Tensor, "*batch C"]:
    return x * share + y * (1.0 - share)


IMAGE = torch.rand(2, 3, 5, 6)
NHWC = "namedtorch: `image` has size 5 at axis 1, but `C` is 3"

READER = """
import sys
sys.modules["namedtorch"] = None
import torch
from torch.jit.mobile import _load_for_lite_interpreter
image = torch.ones(2, 3, 5, 6)
pt, ptl = sys.argv[1:]
frozen = torch.jit.freeze(torch.jit.load(pt))
for model in (torch.jit.load(pt), torch.jit.load(ptl), _load_for_lite_interpreter(ptl), frozen):
    assert model(image).shape == (2, 4)
    try:
        model(image.permute(0, 2, 3, 1))
    except Exception as error:
        print(type(error).__name__, "|", str(error).strip().splitlines()[-1])
try:
    torch.jit.load(pt)(-image)
except Exception as error:
    print(error)
"""


def test_plain_torch_refuses_by_name_in_another_process(tmp_path: Path) -> None:
    lowered = lower(Small())
    paths = [tmp_path / "small.pt", tmp_path / "small.ptl"]
    for path in paths:
        lowered.save(path)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", READER, *map(str, paths)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    lines = done.stdout.splitlines()
    for line in lines[:4]:
        assert line.startswith(("Error | ", "RuntimeError | "))
        assert NHWC in line
    source = Path(__file__).read_text().splitlines()
    raised = next(i for i, line in enumerate(source, 1) if "# the line" in line)
    assert f'File "{__file__}", line {raised}, in ' in done.stdout


@pytest.mark.parametrize("name", ["blend.pt", "blend.ptl"])
def test_functions_are_saved_too(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    lower(blend).save(str(path))
    x, y = torch.rand(2, 3), torch.rand(2, 3)
    torch.testing.assert_close(open_archive(path)(x, y, 0.25), blend(x, y, 0.25))
    if name.endswith(".ptl"):
        torch.testing.assert_close(_load_for_lite_interpreter(str(path))(x, y, 0.25), blend(x, y, 0.25))
    manifest = read_manifest(path)
    assert manifest.kind == "function"
    assert manifest.name == f"{blend.__module__}.blend"
    with pytest.raises(torch.jit.Error, match=r"namedtorch: .*`y`"):
        open_archive(path)(x, torch.rand(3, 3), 0.5)


def test_the_guard_outlives_freezing(tmp_path: Path) -> None:
    frozen: Any = torch.jit.freeze(lower(Small()).module)
    frozen.save(str(tmp_path / "frozen.pt"))
    for model in (frozen, open_archive(tmp_path / "frozen.pt")):
        with pytest.raises(torch.jit.Error, match=NHWC):
            model(IMAGE.permute(0, 2, 3, 1))


def test_the_manifest_says_how_it_was_lowered(tmp_path: Path) -> None:
    path = tmp_path / "m.pt"
    lowered = lower(Small(), guards="none", train=True)
    lowered.save(path)
    manifest = read_manifest(path)
    assert manifest == lowered.manifest
    assert (manifest.kind, manifest.mode, manifest.guards) == ("module", "train", "none")
    assert manifest.torch_version == torch.__version__
    assert manifest.name == f"{Small.__module__}.Small"
    assert str(manifest.signature) == "image: N C=3 H W -> N 4 where H >= 3"
    open_archive(path)(torch.rand(1, 3, 3, 3))


def test_a_save_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m.pt"
    path.write_bytes(b"old")

    class Ignoring(nn.Module):
        def forward(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
            return self.logged(x)

        @torch.jit.ignore
        def logged(self, x: Tensor) -> Tensor:
            return x

    with pytest.raises(LowerError, match=r"^torch can't save 'm\.pt': "):
        lower(Ignoring()).save(path)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["m.pt"]


SUFFIXES = ["m.onnx", "m", "m.pth", "m.PT"]


@pytest.mark.parametrize("name", SUFFIXES)
def test_other_suffixes_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(LowerError, match=r"^can't save .*\.pt \(TorchScript\) or \.ptl \(lite interpreter\)"):
        lower(blend).save(tmp_path / name)
    assert os.listdir(tmp_path) == []


def test_files_that_torch_cannot_open(tmp_path: Path) -> None:
    torch.save({"a": 1}, tmp_path / "weights.pt")
    (tmp_path / "text.pt").write_text("hello")
    for name in ("weights.pt", "text.pt", "missing.pt", "."):
        with pytest.raises(ArchiveError) as caught:
            open_archive(tmp_path / name)
        assert "\n" not in str(caught.value)
