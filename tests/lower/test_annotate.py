"""Files of plain torch get a signature: the same model in the new file, which refuses what does not fit."""

import inspect
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.jit.mobile import _load_for_lite_interpreter

from namedtorch import ArchiveError, DimError, LowerError, load
from namedtorch.archive.container import read_manifest
from namedtorch.archive.manifest import KnownSize, Manifest, State
from namedtorch.lower.annotate import annotate
from tests.lower.old_files import (
    IMAGES,
    NHWC,
    OLD,
    ROWS,
    SWAPPED,
    Classifier,
    Rescaled,
    Same,
)


@dataclass(frozen=True)
class Files:
    """The old file of each kind, and what was made of it."""

    folder: Path

    def old(self, kind: str) -> Path:
        return self.folder / f"{kind.replace(' ', '_')}_old{OLD[kind].suffix}"

    def new(self, kind: str, suffix: str = ".pt") -> Path:
        return self.folder / f"{kind.replace(' ', '_')}{suffix}"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    made = Files(tmp_path_factory.mktemp("annotated"))
    for kind, one in OLD.items():
        one.write(made.old(kind))
        annotate(made.old(kind), one.signature, made.new(kind))
        annotate(made.old(kind), one.signature, made.new(kind, ".ptl"))
    return made


def old_result(files: Files, kind: str) -> Any:
    return torch.jit.load(str(files.old(kind)))(*OLD[kind].good)


def plain(value: Any) -> Any:
    """A record, whose class torch made up, as a tuple."""
    return tuple(value) if isinstance(value, tuple) else value


def equal(found: Any, expected: Any) -> None:
    torch.testing.assert_close(found, expected, rtol=0, atol=0, check_stride=True)


@pytest.mark.parametrize("kind", OLD)
def test_the_new_file_gives_the_old_results_and_refuses_by_name(files: Files, kind: str) -> None:
    one = OLD[kind]
    expected = old_result(files, kind)
    for path in (files.new(kind), files.new(kind, ".ptl")):
        model = torch.jit.load(str(path))
        equal(model(*one.good), expected)
        with pytest.raises(torch.jit.Error) as caught:
            model(*one.bad)
        assert str(caught.value).strip().splitlines()[-1] == f"builtins.ValueError: namedtorch: {one.said}"


@pytest.mark.parametrize("kind", [kind for kind, one in OLD.items() if one.lite])
def test_the_lite_interpreter_refuses_too(files: Files, kind: str) -> None:
    one = OLD[kind]
    model = _load_for_lite_interpreter(str(files.new(kind, ".ptl")))
    equal(model(*one.good), old_result(files, kind))
    with pytest.raises(Exception, match=r"namedtorch: ") as caught:
        model(*one.bad)
    assert str(caught.value).splitlines()[0] == f"namedtorch: {one.said}"


@pytest.mark.parametrize("kind", OLD)
def test_load_explains(files: Files, kind: str) -> None:
    one = OLD[kind]
    model = load(files.new(kind))
    equal(model(*one.good), old_result(files, kind))
    with pytest.raises(DimError):
        model(*one.bad)


@pytest.mark.parametrize("kind", OLD)
def test_what_the_old_file_holds_is_kept(files: Files, kind: str) -> None:
    old, new = torch.jit.load(str(files.old(kind))), torch.jit.load(str(files.new(kind)))
    state, kept = old.state_dict(), new.state_dict()
    assert list(kept) == list(state)
    for path, value in state.items():
        equal(kept[path], value)
        assert kept[path].requires_grad == value.requires_grad
    assert [name for name, _ in new.named_modules()] == [name for name, _ in old.named_modules()]
    assert new._c._method_names() == old._c._method_names()
    assert str(new.forward.schema) == str(old.forward.schema)
    assert getattr(new, "training", None) == getattr(old, "training", None)


READER = """
import sys
sys.modules["namedtorch"] = None
import torch
from torch.jit.mobile import _load_for_lite_interpreter
for name, good, bad, expected, lite in torch.load(sys.argv[1]):
    script = torch.jit.load(name + ".pt")
    frozen = torch.jit.freeze(torch.jit.load(name + ".pt").eval()) if hasattr(script, "training") else script
    again = torch.jit.load(name + ".ptl")
    for model in (script, frozen, again, _load_for_lite_interpreter(name + ".ptl") if lite else again):
        torch.testing.assert_close(model(*good), expected)
        try:
            model(*bad)
        except Exception as error:
            lines = str(error).splitlines()
            print(name, "|", next(line for line in reversed(lines) if "namedtorch: " in line))
        else:
            print(name, "| accepted")
"""


def test_plain_torch_refuses_in_another_process(files: Files) -> None:
    calls = [
        (files.new(kind).stem, one.good, one.bad, plain(old_result(files, kind)), one.lite)
        for kind, one in OLD.items()
    ]
    torch.save(calls, files.folder / "calls.bin")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", READER, "calls.bin"],
        capture_output=True,
        text=True,
        cwd=files.folder,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    expected = [(files.new(kind).stem, one.said) for kind, one in OLD.items() for _ in range(4)]
    assert len(lines) == len(expected)
    for line, (name, said) in zip(lines, expected, strict=True):
        assert line.partition(" | ")[0] == name
        assert line.endswith(f"namedtorch: {said}")


def test_the_manifest_says_what_is_known(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = Classifier().eval()
    model.conv.to(memory_format=torch.channels_last)
    torch.jit.script(model).save(str(tmp_path / "old.pt"))
    given = annotate(
        tmp_path / "old.pt",
        "image: N C=3 H W -> N n=self.classes",
        tmp_path / "new.pt",
        metadata={"means": [0.5]},
    )
    manifest = read_manifest(tmp_path / "new.pt")
    assert manifest == given
    assert str(manifest.signature) == "image: N C=3 H W -> N n=5"
    assert manifest.name == f"{Classifier.__module__}.Classifier"
    assert (manifest.kind, manifest.mode, manifest.method) == ("module", "eval", "annotate")
    assert (manifest.guards, manifest.stages) == ("boundary", ())
    assert manifest.torch_version == torch.__version__
    assert manifest.metadata == {"means": [0.5]}
    assert manifest.sizes == {"C": KnownSize(3, "annotation"), "n": KnownSize(5, "self.classes")}
    assert set(manifest.state) == set(model.state_dict())
    weight, shift = manifest.state["conv.weight"], manifest.state["shift"]
    assert (weight.kind, weight.sizes, weight.memory_format) == ("parameter", (4, 3, 3, 3), "channels_last")
    assert shift == State("buffer", "float32", (5,), shift.dims)
    assert set(manifest.digests) == {"code", "constants", "other", "weights"}


@torch.library.custom_op("namedtorch_annotate::doubled", mutates_args=())
def doubled(x: Tensor) -> Tensor:
    return x * 2


def test_the_manifest_names_operators_that_are_not_torchs(tmp_path: Path) -> None:
    class Doubled(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.ops.namedtorch_annotate.doubled(x)

    torch.jit.script(Doubled()).save(str(tmp_path / "old.pt"))
    manifest = annotate(tmp_path / "old.pt", "x: N -> N", tmp_path / "new.pt")
    assert manifest.operators == {"namedtorch_annotate::doubled": f"python module {__name__}"}
    equal(load(tmp_path / "new.pt")(ROWS[0]), ROWS[0] * 2)


MODES = [("trained", "module", "train"), ("frozen", "module", "eval"), ("function", "function", "eval")]


@pytest.mark.parametrize(("kind", "what", "mode"), MODES)
def test_the_manifest_says_what_the_file_was(files: Files, kind: str, what: str, mode: str) -> None:
    manifest = read_manifest(files.new(kind))
    assert (manifest.kind, manifest.mode) == (what, mode)
    # The name of a function is not in its file; the name of the file stands for it.
    name = "function_old" if what == "function" else f"{Classifier.__module__}.Classifier"
    assert manifest.name == name


def test_load_takes_the_names_of_the_signature_and_the_graph_keeps_its_own(files: Files) -> None:
    model = load(files.new("other names"))
    expected = Rescaled()(ROWS, 3.0, torch.ones(3, 4))
    equal(model(rows=ROWS, where_=torch.ones(3, 4), factor=3.0), expected)
    equal(torch.jit.load(str(files.new("other names")))(x=ROWS, mask=torch.ones(3, 4), by=3.0), expected)
    assert str(model.signature).startswith(
        "rows: N D, factor: float = 2.0, where_: N D | None = None, sizes: "
    )


def test_several_methods(tmp_path: Path) -> None:
    torch.jit.script(Classifier().eval()).save(str(tmp_path / "old.pt"))
    texts = {"features": "picture: N C=3 H W -> N 4 H-2 W-2", "forward": "image: N C=3 H W -> N 5"}
    manifest = annotate(tmp_path / "old.pt", texts, tmp_path / "new.pt")
    assert {name: str(one.signature) for name, one in manifest.methods.items()} == texts
    model = torch.jit.load(str(tmp_path / "new.pt"))
    equal(model.features(IMAGES), torch.jit.load(str(tmp_path / "old.pt")).features(IMAGES))
    with pytest.raises(torch.jit.Error, match=r"namedtorch: `picture` has size 6 at axis 1, but `C` is 3"):
        model.features(*SWAPPED)
    with pytest.raises(torch.jit.Error, match=f"namedtorch: {NHWC}"):
        model(*SWAPPED)


def test_another_method_alone(tmp_path: Path) -> None:
    torch.jit.script(Classifier().eval()).save(str(tmp_path / "old.pt"))
    manifest = annotate(tmp_path / "old.pt", "x: N C=3 H W -> ...", tmp_path / "new.pt", method="features")
    assert {name: str(one.signature) for name, one in manifest.methods.items()} == {
        "forward": "x: ... -> ...",
        "features": "x: N C=3 H W -> ...",
    }
    # A wrong image passes forward as it did, and fails where torch finds it out.
    with pytest.raises(RuntimeError, match=r"expected input.* to have 3 channels, but got 6") as caught:
        torch.jit.load(str(tmp_path / "new.pt"))(*SWAPPED)
    assert "namedtorch:" not in str(caught.value)
    equal(load(tmp_path / "new.pt")(IMAGES), torch.jit.load(str(tmp_path / "old.pt"))(IMAGES))


def test_the_models_own_errors_still_show_the_users_line(files: Files) -> None:
    file = str(inspect.getsourcefile(Classifier))
    source = Path(file).read_text().splitlines()
    line = next(place for place, text in enumerate(source, 1) if "# the line" in text)
    with pytest.raises(torch.jit.Error) as caught:
        torch.jit.load(str(files.new("scripted")))(-IMAGES)
    text = str(caught.value)
    assert f'File "{file}", line {line}, in forward' in text
    assert text.strip().endswith("builtins.ValueError: negative")


def test_extra_files_are_kept(tmp_path: Path) -> None:
    extra = {"labels.txt": "cat\ndog", "more/raw.bin": b"\0\xff"}
    script = torch.jit.script(Same())
    torch.jit.save(script, str(tmp_path / "old.pt"), _extra_files=dict(extra))
    for name in ("new.pt", "new.ptl"):
        annotate(tmp_path / "old.pt", "x: N -> N", tmp_path / name)
        found: dict[str, Any] = dict.fromkeys(extra, "")
        torch.jit.load(str(tmp_path / name), _extra_files=found)
        assert found == {"labels.txt": b"cat\ndog", "more/raw.bin": b"\0\xff"}
        read_manifest(tmp_path / name)


def test_shared_weights_stay_shared(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
    model[1].weight = model[0].weight
    torch.jit.script(model.eval()).save(str(tmp_path / "old.pt"))
    annotate(tmp_path / "old.pt", "x: N 4 -> N 4", tmp_path / "new.pt")
    new: Any = torch.jit.load(str(tmp_path / "new.pt"))
    weights = [one.weight for one in new.children()]
    assert weights[0].data_ptr() == weights[1].data_ptr()


def test_nothing_is_run_and_the_weights_are_loaded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Loud(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.rand(1000, 1000))

        def forward(self, x: Tensor) -> Tensor:
            print("run")
            return x * self.weight

    torch.jit.script(Loud()).save(str(tmp_path / "old.pt"))
    loads: list[Any] = []
    module = sys.modules[annotate.__module__]
    opened = module.open_archive

    def open_archive(path: Any) -> Any:
        loads.append(path)
        return opened(path)

    monkeypatch.setattr(module, "open_archive", open_archive)
    annotate(tmp_path / "old.pt", "x: N -> M N", tmp_path / "new.pt")
    assert loads == [tmp_path / "old.pt"]
    assert capsys.readouterr().out == ""


def test_a_file_may_take_the_place_of_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    torch.jit.script(Same()).save(str(path))
    annotate(path, "x: N -> N", path)
    assert str(read_manifest(path).signature) == "x: N -> N"
    assert os.listdir(tmp_path) == ["model.pt"]
    with pytest.raises(ArchiveError) as caught:
        annotate(path, "x: N -> N", path)
    assert str(caught.value) == (
        f"{path}: has a manifest already (x: N -> N), and the guard in its graph would stay; annotate the file that it "
        "was made of, or lower the model again"
    )


def test_a_guard_without_its_manifest_gets_a_second_guard(tmp_path: Path) -> None:
    torch.jit.script(Same()).save(str(tmp_path / "old.pt"))
    annotate(tmp_path / "old.pt", "x: N D -> ...", tmp_path / "one.pt")
    torch.jit.load(str(tmp_path / "one.pt")).save(str(tmp_path / "plain.pt"))
    annotate(tmp_path / "plain.pt", "x: N D=3 -> ...", tmp_path / "two.pt")
    model = torch.jit.load(str(tmp_path / "two.pt"))
    for bad, said in ((torch.rand(2), "rank 1"), (torch.rand(2, 2), "`D` is 3")):
        with pytest.raises(torch.jit.Error, match=f"namedtorch: .*{said}"):
            model(bad)


@pytest.mark.parametrize("name", ["new.pth", "new", "new.onnx"])
def test_other_suffixes_are_refused(tmp_path: Path, name: str) -> None:
    torch.jit.script(Same()).save(str(tmp_path / "old.pt"))
    with pytest.raises(LowerError) as caught:
        annotate(tmp_path / "old.pt", "x: N -> N", tmp_path / name)
    assert str(caught.value) == (
        f"can't write {str(tmp_path / name)!r}: a file ends in .pt (TorchScript) or .ptl (lite interpreter)"
    )


def test_metadata_that_is_no_json_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    torch.jit.script(Same()).save(str(tmp_path / "old.pt"))
    with pytest.raises(ValueError, match=r"^metadata\.mean is NaN"):
        annotate(tmp_path / "old.pt", "x: N -> N", tmp_path / "new.pt", metadata={"mean": float("nan")})
    assert os.listdir(tmp_path) == ["old.pt"]


def test_a_parameter_may_be_a_size(tmp_path: Path) -> None:
    class Cut(nn.Module):
        def forward(self, x: Tensor, n: int = 2) -> Tensor:
            return x[:n]

    torch.jit.script(Cut()).save(str(tmp_path / "old.pt"))
    manifest = annotate(tmp_path / "old.pt", "x: N D -> {n} D", tmp_path / "new.pt")
    assert isinstance(manifest, Manifest)
    model = torch.jit.load(str(tmp_path / "new.pt"))
    equal(model(ROWS), ROWS[:2])
    with pytest.raises(torch.jit.Error, match=r"namedtorch: `result` has size 3 at axis 0"):
        model(ROWS, 7)
