"""`namedtorch annotate`: a file of plain torch becomes an archive."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from namedtorch.archive.container import read_manifest

Run = Callable[..., Any]

SIGNATURE = "x: N in=3 -> N out=2"


class Encoder(nn.Module):
    """A user's model of long ago, with two methods."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.encode(x) * 2

    @torch.jit.export
    def encode(self, x: Tensor) -> Tensor:
        return self.linear(x)


@pytest.fixture
def old(project: Path) -> Path:
    path = project / "old.pt"
    torch.jit.save(torch.jit.script(Encoder().eval()), str(path))
    return path


@pytest.mark.usefixtures("old")
def test_old_file_gets_a_guard_and_a_manifest(run: Run) -> None:
    before = Path("old.pt").read_bytes()
    done = run("annotate", "old.pt", SIGNATURE, "-o", "new.pt")
    assert (done.code, done.err) == (0, "")
    assert done.out == f"new.pt: {SIGNATURE} ({Path('new.pt').stat().st_size:,} bytes)\n"
    assert Path("old.pt").read_bytes() == before
    assert run("run", "new.pt", "x=@x.npy", "-o", "y.npy").out == "result: N=2 out=2, float32\nwrote y.npy\n"
    x = torch.from_numpy(np.load("x.npy"))
    np.testing.assert_allclose(np.load("y.npy"), torch.jit.load("old.pt")(x).detach())
    done = run("run", "new.pt", "@image.npy")
    assert done.err.startswith("error: `x` has rank 4, but `N in=3` has rank 2")


@pytest.mark.usefixtures("old")
def test_metadata_and_data(run: Run) -> None:
    done = run("annotate", "old.pt", SIGNATURE, "-o", "new.pt", "--metadata", "labels=['a', 'b']", "--json")
    assert (done.code, done.err) == (0, "")
    assert (done.data["path"], done.data["method"]) == ("new.pt", "annotate")
    assert done.data["methods"] == {"forward": SIGNATURE}
    assert read_manifest("new.pt").metadata == {"labels": ["a", "b"]}


@pytest.mark.usefixtures("old")
def test_check_calls_the_model(run: Run) -> None:
    assert run("annotate", "old.pt", "x: N in=4 -> N out=2", "-o", "new.pt").code == 0
    done = run("annotate", "old.pt", "x: N in=4 -> N out=2", "-o", "checked.pt", "--check")
    assert done.code == 1
    assert "forward fails for `x` of (2, 4)" in done.err
    assert not Path("checked.pt").exists()
    assert run("annotate", "old.pt", SIGNATURE, "-o", "checked.pt", "--check").code == 0


TWO = f"{SIGNATURE} | encode=v: M in=3 -> M out=2"


@pytest.mark.usefixtures("old")
def test_several_methods(run: Run) -> None:
    done = run("annotate", "old.pt", *TWO.split(" | "), "-o", "new.pt")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[1] == "  encode: v: M in=3 -> M out=2"
    assert run("run", "new.pt", "@x.npy", "--method", "encode", "-o", "y.npy").out.startswith(
        "result: M=2 out=2, float32\n"
    )
    done = run("run", "new.pt", "@x.npy", "--method", "encod")
    assert (done.code, done.err) == (
        2,
        "error: new.pt has no method `encod`; did you mean encode?\n  see: namedtorch run --help\n",
    )


WRONG_USE = [
    (
        [SIGNATURE, SIGNATURE],
        "two signatures for `forward`; that of another method is written METHOD=SIGNATURE",
    ),
    (
        ["encode=x: N -> N", "--method", "encode"],
        "--method says whose the one SIGNATURE is; several are written METHOD=SIGNATURE",
    ),
]


@pytest.mark.parametrize(("words", "text"), WRONG_USE, ids=["twice", "method"])
def test_wrong_use(run: Run, words: list[str], text: str) -> None:
    done = run("annotate", "old.pt", *words, "-o", "new.pt")
    assert (done.code, done.out) == (2, "")
    assert done.err == f"error: {text}\n  see: namedtorch annotate --help\n"


REFUSED = [
    ("no.pt", SIGNATURE, "ArchiveError"),
    ("x.npy", SIGNATURE, "ArchiveError"),
    ("old.pt", "x N -> N", "DimError"),
    ("old.pt", "x: N, y: N -> N", "DimError"),
]


@pytest.mark.parametrize(("path", "signature", "kind"), REFUSED)
@pytest.mark.usefixtures("old")
def test_what_can_not_be_annotated_is_refused_in_one_block(
    run: Run, path: str, signature: str, kind: str
) -> None:
    done = run("annotate", path, signature, "-o", "new.pt", "--json")
    assert (done.code, done.data["error"]) == (1, kind)
    assert done.err.startswith("error: ")
    assert "Traceback" not in done.err
    assert not Path("new.pt").exists()


@pytest.mark.usefixtures("old")
def test_archive_is_not_annotated_again(run: Run) -> None:
    assert run("annotate", "old.pt", SIGNATURE, "-o", "new.pt").code == 0
    done = run("annotate", "new.pt", SIGNATURE, "-o", "newer.pt")
    assert (done.code, done.out) == (1, "")
    assert "manifest" in done.err
    assert done.err.count("\n") == 1
