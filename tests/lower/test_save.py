"""Files: the guard, the manifest and the user's lines are in them, for readers that do not know namedtorch."""

import enum
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.jit.mobile import _load_for_lite_interpreter

from namedtorch import ArchiveError, Float, LowerError, checked
from namedtorch.archive.container import read_manifest
from namedtorch.archive.seal import verify
from namedtorch.lower.torchscript import open_archive
from tests.lower.unverified import lower


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
    assert replace(manifest, digests={}) == lowered.manifest
    verify(path, manifest, "m.pt")
    assert (manifest.kind, manifest.mode, manifest.guards) == ("module", "train", "none")
    assert manifest.torch_version == torch.__version__
    assert manifest.name == f"{Small.__module__}.Small"
    assert str(manifest.signature) == "image: N C=3 H W -> N 4 where H >= 3"
    open_archive(path)(torch.rand(1, 3, 3, 3))


@torch.jit.ignore
def noted(x: Tensor) -> Tensor:  # ignored
    return x


class Ignoring(nn.Module):
    def forward(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        return self.tail(noted(self.logged(x)))  # calls

    def tail(self, x: Tensor) -> Tensor:
        return helped(x)

    @torch.jit.ignore
    def logged(self, x: Tensor) -> Tensor:  # ignored too
        return x


def helped(x: Tensor) -> Tensor:
    return noted(x)  # calls again


def lines_with(mark: str) -> list[int]:
    source = Path(__file__).read_text().splitlines()
    return [number for number, line in enumerate(source, 1) if line.rstrip().endswith(f"# {mark}")]


@pytest.mark.parametrize("name", ["m.pt", "m.ptl"])
def test_python_in_the_graph_is_named_and_the_old_file_stays(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"old")
    lowered = lower(Ignoring())
    torch.testing.assert_close(lowered(torch.ones(2)), torch.ones(2))
    with pytest.raises(LowerError) as caught:
        lowered.save(path)
    (calls,), (again,) = lines_with("calls"), lines_with("calls again")
    (function,), (method,) = lines_with("ignored"), lines_with("ignored too")
    headline, *named, remedy = str(caught.value).splitlines()
    assert headline == f"can't save {name!r}: the graph calls Python, which no file can hold"
    # A definition begins at its decorator.
    assert sorted(named) == sorted(
        [
            f"  {__file__}:{calls}: `Ignoring.logged` ({__file__}:{method - 1}), left in Python by @torch.jit.ignore",
            f"  {__file__}:{calls}: `noted` ({__file__}:{function - 1}), left in Python by @torch.jit.ignore",
            f"  {__file__}:{again}: `noted` ({__file__}:{function - 1}), left in Python by @torch.jit.ignore",
        ]
    )
    assert remedy == (
        "  take @torch.jit.ignore off, so that they are compiled, or write @torch.jit.unused if the saved model never "
        "calls them: a call then raises"
    )
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == [name]


class Unused(nn.Module):
    def forward(self, x: Float[Tensor, "N"], log: bool = False) -> Float[Tensor, "N"]:
        return self.logged(x) if log else x

    @torch.jit.unused
    def logged(self, x: Tensor) -> Tensor:
        print(x)
        return x


@pytest.mark.parametrize("name", ["unused.pt", "unused.ptl"])
def test_what_is_unused_is_saved_and_raises_when_called(tmp_path: Path, name: str) -> None:
    lower(Unused()).save(tmp_path / name)
    loaded = open_archive(tmp_path / name)
    torch.testing.assert_close(loaded(torch.ones(2)), torch.ones(2))
    with pytest.raises(torch.jit.Error, match="annotated to be ignored and cannot be run"):
        loaded(torch.ones(2), True)


@pytest.mark.parametrize("name", ["fast.pt", "fast.ptl"])
def test_what_torch_could_not_load_again_is_not_written(tmp_path: Path, name: str) -> None:
    frozen = lower(Small()).freeze()
    fast = replace(frozen, module=torch.jit.optimize_for_inference(frozen.module))
    with pytest.raises(LowerError) as caught:
        fast.save(tmp_path / name)
    assert str(caught.value) == (
        f"can't save {name!r}: torch writes this module, but can't load it again (a prim::ConstantMKLDNNTensor is "
        "written without its value); save it as it was before torch.jit.optimize_for_inference, or what else was done "
        "to its graph"
    )
    assert os.listdir(tmp_path) == []


def test_a_file_is_read_again_before_it_is_put_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "m.pt"
    path.write_bytes(b"old")

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("no such constant\nException raised from somewhere")

    monkeypatch.setattr(torch.jit, "load", fails)
    with pytest.raises(
        LowerError, match=r"^can't save 'm\.pt': torch writes this module, but can't load it again"
    ):
        lower(Small()).save(path)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["m.pt"]


def test_a_path_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(ArchiveError, match=r"^can't write ") as caught:
        lower(Small()).save("a\0b.pt")
    assert "\n" not in str(caught.value)


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


def test_ignored_methods_with_dims_are_named_where_they_are_written(tmp_path: Path) -> None:
    @checked
    class Noting(nn.Module):
        def forward(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
            return self.note(x)

        @torch.jit.ignore
        def note(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
            return x

    with pytest.raises(LowerError, match=rf"Noting\.note` \({__file__}:\d+\), left in Python"):
        lower(Noting()).save(tmp_path / "m.pt")


class Size(enum.Enum):
    SMALL = 1
    LARGE = 2


def test_the_lite_interpreter_takes_less(tmp_path: Path) -> None:
    def either(x: Float[Tensor, "N"] | list[Float[Tensor, "N"]]) -> Float[Tensor, "N"]:
        if isinstance(x, Tensor):
            return x
        return x[0]

    class Words(nn.Module):
        def forward(self, x: Float[Tensor, "N"], size: Size = Size.LARGE) -> Float[Tensor, "N"]:
            return x * 2 if size == Size.LARGE else x

    with pytest.raises(
        LowerError, match=r"the lite interpreter has no unions, and would take one type alone for `x: "
    ):
        lower(either).save(tmp_path / "m.ptl")
    with pytest.raises(LowerError, match=r"save it as \.pt, which takes more than the lite interpreter$"):
        lower(Words()).save(tmp_path / "m.ptl")
    assert os.listdir(tmp_path) == []
    lower(either).save(tmp_path / "either.pt")
    lower(Words()).save(tmp_path / "words.pt")
