"""What annotate refuses, and that it writes nothing then."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Optional

import pytest
import torch
from torch import Tensor, nn

from namedtorch import AnnotationError, ArchiveError, Float, LowerError
from namedtorch.archive.container import read_manifest
from namedtorch.lower.annotate import annotate
from namedtorch.signature.function import signature_of
from tests.lower.old_files import (
    Classifier,
    Detected,
    Joined,
    Rescaled,
    Same,
    Scored,
    Split,
    rewritten,
)

RESCALED = (
    "forward(x: Tensor, by: float = 2.0, mask: Optional[Tensor] = None, "
    "sizes: Tuple[int, int] = (1, 2)) -> Tensor"
)
JOINED = "forward(parts: List[Tensor], names: List[str]) -> Tensor"
SAME = "forward(x: Tensor) -> Tensor"
SCORED = "forward(x: Tensor) -> Dict[str, Tensor]"
PARTS = "Tuple[Tensor, Optional[Tensor], int]"
SPLIT = f"forward(x: Tensor) -> {PARTS}"
BOXES = "Boxes(corners: Tensor, scores: Optional[Tensor])"
DETECTED = f"forward(boxes: {BOXES}, known: Dict[str, Tensor]) -> {BOXES}"
CORNERS = "Corners(scores: N, corners: N 4)"
FIELDS = "a record has the fields of the file's, in their order"
NO_TENSOR = "write `...` for what is no tensor"
EACH = "give dims to each of 3 values, commas between, or `...` to what is no tensor"
NAMES = "name parameters as the file does, or all of them otherwise, in its order"


def optional_hint(x: Optional[Float[Tensor, "N"]]) -> Tensor:
    raise NotImplementedError


class Corners(NamedTuple):
    scores: Float[Tensor, "N"]
    corners: Float[Tensor, "N 4"]


def corners_hint(boxes: Corners, known: Any) -> Any:
    raise NotImplementedError


MISFITS: list[tuple[type[nn.Module], Any, str]] = [
    (
        Rescaled,
        "x: N D, by: N -> N D",
        f"the signature says `by: N`, but `by` is float in the file, {RESCALED}; {NO_TENSOR}",
    ),
    (
        Rescaled,
        "image: N D, factor: N -> N D",
        f"the signature says `factor: N`, but `by` is float in the file, {RESCALED}; {NO_TENSOR}",
    ),
    (
        Joined,
        "parts: N D -> N D",
        f"the signature says `parts: N D`, but `parts` is List[Tensor] in the file, {JOINED}; {NO_TENSOR}",
    ),
    (
        Rescaled,
        "x: N D, masks: N D -> N D",
        f"the signature names `masks`, but the file has {RESCALED}; {NAMES}",
    ),
    (
        Same,
        "x: N -> N, N",
        f"the signature says `-> N, N`, but the result is Tensor in the file, {SAME}; give dims to that one value",
    ),
    (Same, "x: N, y: N -> N", f"the signature has 2 parameters, but the file has {SAME}"),
    (
        Split,
        "x: N D -> N D",
        f"the signature says `-> N D`, but the result is {PARTS} in the file, {SPLIT}; {EACH}",
    ),
    (
        Split,
        "x: N D -> N D, N, N",
        f"the signature says `-> N D, N, N`, but the result is {PARTS} in the file, {SPLIT}; {EACH}",
    ),
    (
        Scored,
        "x: N D -> N",
        f"the signature says `-> N`, but the result is Dict[str, Tensor] in the file, {SCORED}; {NO_TENSOR}",
    ),
    (
        Same,
        signature_of(optional_hint),
        f"the signature says `x: N | None`, but `x` is Tensor in the file, {SAME}; it is never None there",
    ),
    (
        Detected,
        signature_of(corners_hint),
        f"the signature says `boxes: {CORNERS}`, but `boxes` is {BOXES} in the file, {DETECTED}; {FIELDS}",
    ),
    (
        Same,
        "x: ... -> ...",
        f"the signature `x: ... -> ...` names no dims of {SAME}, so there is nothing to guard",
    ),
    (
        Same,
        "x: N -> self.classes",
        "the module in the file has no size `self.classes`; write the size itself in the signature",
    ),
    (Same, "in: N -> N", "a parameter can't be called `in`, which is a word of Python's"),
    (Same, {}, 'no signature is given; write one, "image: N C=3 H W -> N 10"'),
]


@pytest.mark.parametrize(("model", "signature", "said"), MISFITS, ids=range(len(MISFITS)))
def test_signatures_that_do_not_fit_the_file(
    tmp_path: Path, model: type[nn.Module], signature: Any, said: str
) -> None:
    torch.jit.script(model()).save(str(tmp_path / "old.pt"))
    with pytest.raises(AnnotationError) as caught:
        annotate(tmp_path / "old.pt", signature, tmp_path / "new.pt")
    assert str(caught.value) == said
    assert os.listdir(tmp_path) == ["old.pt"]


def test_a_text_that_is_wrong_in_itself_is_shown(tmp_path: Path) -> None:
    torch.jit.script(Same()).save(str(tmp_path / "old.pt"))
    for text, said in (
        ("x: N", "the signature has no `->` and no result"),
        ("x: N -> M+1", "nothing binds `M`"),
        ("x: ?N -> ...", "`?N`"),
    ):
        with pytest.raises(AnnotationError) as caught:
            annotate(tmp_path / "old.pt", text, tmp_path / "new.pt")
        assert said in str(caught.value)


@pytest.mark.parametrize("word", ["print", "len", "torch"])
def test_names_that_a_guard_needs_itself(tmp_path: Path, word: str) -> None:
    torch.jit.script(Same()).save(str(tmp_path / "old.pt"))
    with pytest.raises(LowerError) as caught:
        annotate(tmp_path / "old.pt", f"{word}: N -> N", tmp_path / "new.pt")
    assert str(caught.value) == (
        f"{Same.__module__}.Same.forward has a parameter `{word}`, which hides what its guard calls; "
        "give it another name"
    )


def test_a_method_that_is_not_there(tmp_path: Path) -> None:
    torch.jit.script(Classifier()).save(str(tmp_path / "old.pt"))
    with pytest.raises(AnnotationError) as caught:
        annotate(tmp_path / "old.pt", {"feature": "x: N -> N"}, tmp_path / "new.pt")
    assert str(caught.value) == f"{tmp_path / 'old.pt'} has no method `feature`, only forward, features"


def test_a_file_without_forward(tmp_path: Path) -> None:
    class Encoder(nn.Module):
        @torch.jit.export
        def encode(self, x: Tensor) -> Tensor:
            return x

    torch.jit.script(Encoder()).save(str(tmp_path / "old.pt"))
    with pytest.raises(ArchiveError) as caught:
        annotate(tmp_path / "old.pt", {"encode": "x: N -> N"}, tmp_path / "new.pt")
    assert str(caught.value) == f"{tmp_path / 'old.pt'}: has no forward to call, only encode"


def weights(path: Path) -> None:
    torch.save(nn.Linear(2, 2).state_dict(), path)


def text(path: Path) -> None:
    path.write_text("hello")


def cut(path: Path) -> None:
    torch.jit.script(Classifier()).save(str(path))
    path.write_bytes(path.read_bytes()[:3000])


def exported(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("old/models/model.json", "{}")


def foreign_operator(path: Path) -> None:
    torch.jit.script(Classifier()).save(str(path))
    rewritten(
        path, lambda name, data: data.replace(b"torch.mean(", b"ops.mine.mean(") if ".py" in name else data
    )


LIBRARY = "load the library or import the module that provides the operator, then annotate"
FOREIGN = [
    (weights, "holds weights or a pickled model (torch.save), not a namedtorch archive; "),
    (text, "is no zip file, as TorchScript and torch.export write them; "),
    (lambda path: path.write_text(""), "is empty; "),
    (cut, "is cut off or broken "),
    (exported, "is a torch.export archive without a manifest, not a namedtorch archive; "),
    (lambda path: path.mkdir(), "is a folder; "),
    (lambda path: None, "can't be read (no such file or directory); "),
    (foreign_operator, f"torch can't load it (Unknown builtin op: mine::mean.); {LIBRARY}"),
]


@pytest.mark.parametrize(("write", "said"), FOREIGN, ids=range(len(FOREIGN)))
def test_files_that_are_no_torchscript(tmp_path: Path, write: Callable[[Path], object], said: str) -> None:
    path = tmp_path / "old.pt"
    write(path)
    before = os.listdir(tmp_path)
    with pytest.raises(ArchiveError) as caught:
        annotate(path, "x: N -> N", tmp_path / "new.pt")
    assert str(caught.value).startswith(f"{path}: {said}")
    assert "\n" not in str(caught.value)
    assert os.listdir(tmp_path) == before


def test_a_failure_leaves_the_old_output(tmp_path: Path) -> None:
    class Forked(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.jit.wait(torch.jit.fork(torch.neg, x))

    torch.jit.script(Forked()).save(str(tmp_path / "old.pt"))
    (tmp_path / "new.ptl").write_text("before")
    with pytest.raises(LowerError, match=r"^torch can't save 'new\.ptl': FORK is not supported"):
        annotate(tmp_path / "old.pt", "x: N -> N", tmp_path / "new.ptl")
    assert (tmp_path / "new.ptl").read_text() == "before"
    annotate(tmp_path / "old.pt", "x: N -> N", tmp_path / "new.pt")
    assert torch.equal(torch.jit.load(str(tmp_path / "new.pt"))(torch.ones(2)), -torch.ones(2))


LINEAR, EMBEDDING = nn.Linear(4, 2), nn.Embedding(9, 4)
CHECKS = [
    (nn.Conv2d(3, 4, 3), "image: N C=3 H W -> N 4 H-2 W-2 where H >= 3, W >= 3", None),
    (LINEAR, "input: ... D=4 -> ... 2", None),
    (EMBEDDING, "ids: N T -> N T 4", None),
    (
        LINEAR,
        "x: N D -> N 2",
        r"`x` of \(2, \d+\) \(RuntimeError: mat1 and mat2 shapes cannot be multiplied .*\)",
    ),
    (
        LINEAR,
        "x: N D=4 -> N 3",
        r"`x` of \(2, 4\) \(`result` has size 2 at axis 1, but the annotation says 3\)",
    ),
    (
        EMBEDDING,
        "x: N T -> N T 5",
        r"`x` of \(2, \d+\) \(`result` has size 4 at axis 2, but the annotation says 5\)",
    ),
]


@pytest.mark.parametrize(("model", "signature", "said"), CHECKS, ids=range(len(CHECKS)))
def test_a_check_calls_the_method_before_the_file_is_written(
    tmp_path: Path, model: nn.Module, signature: str, said: str | None
) -> None:
    torch.jit.script(model).save(str(tmp_path / "old.pt"))
    if said is None:
        annotate(tmp_path / "old.pt", signature, tmp_path / "new.pt", check=True)
    else:
        with pytest.raises(
            AnnotationError,
            match=rf"^forward fails for {said}; correct the signature, or leave the check out$",
        ):
            annotate(tmp_path / "old.pt", signature, tmp_path / "new.pt", check=True)
        assert os.listdir(tmp_path) == ["old.pt"]
        # Without it, the file is written, and the first call finds out.
        annotate(tmp_path / "old.pt", signature, tmp_path / "new.pt")
    assert str(read_manifest(tmp_path / "new.pt").signature) == signature
