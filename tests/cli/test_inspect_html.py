"""`namedtorch inspect --html`: a page of an archive, printed or written, without torch."""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from namedtorch.archive.manifest import Manifest, Method
from namedtorch.archive.seal import seal
from namedtorch.signature.plan import build_plan
from namedtorch.signature.text import parse_signature
from tests.archive.test_drawing import DRAWING

Run = Callable[..., Any]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    signature = parse_signature("image: N C=3 H W -> N 8 H-2 W-2")
    manifest = Manifest(
        name="models.Net",
        kind="module",
        mode="eval",
        guards="boundary",
        methods={"forward": Method(signature, build_plan(signature))},
        torch_version="2.13.0",
        drawing=DRAWING,
    )
    path = tmp_path / "net.pt"
    with zipfile.ZipFile(path, "w") as container:
        container.writestr("net/data.pkl", b"data")
        container.writestr("net/constants.pkl", b"constants")
        container.writestr("net/code/net.py", b"def forward(image): return image")
    seal(path, manifest)
    return path


def test_prints_or_writes_a_page(run: Run, archive: Path, tmp_path: Path) -> None:
    printed = run("inspect", archive, "--html")
    assert (printed.code, printed.err) == (0, "")
    assert printed.out.startswith("<!doctype html>\n")
    assert printed.out.endswith("</html>\n")
    assert "drawing-data" in printed.out
    target = tmp_path / "net.html"
    done = run("inspect", archive, "--html", "-o", target)
    assert (done.code, done.out, done.err) == (0, f"wrote {target}\n", "")
    assert target.read_text() == printed.out
    data = run("inspect", archive, "--html", "--json").data
    assert (data["html"], data["output"]) == (printed.out, None)


WRONG = [
    (("--html", "--as", "oip"), "--html and --as are two answers: ask for one of them"),
    (("-o", "page.html"), "-o goes with --html or --as: the description is printed"),
    (("--html", "-o", "nowhere/page.html"), "there is no folder 'nowhere' to write page.html to"),
]


@pytest.mark.parametrize(("words", "said"), WRONG)
def test_wrong_words_are_told(run: Run, archive: Path, words: tuple[str, ...], said: str) -> None:
    done = run("inspect", archive, *words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: {said}\n")


def test_check_comes_first(run: Run, archive: Path) -> None:
    assert run("inspect", archive, "--html", "--check").code == 0
    archive.write_bytes(archive.read_bytes().replace(b"return image", b"return imagE"))
    done = run("inspect", archive, "--html", "--check")
    assert (done.code, done.out) == (1, "")
    assert "its code changed since the file was saved" in done.err


def test_without_jinja2(run: Run, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    done = run("inspect", archive, "--html")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(
        "error: the page of an archive needs jinja2, which is not installed: pip install"
    )
    assert run("inspect", archive).code == 0


def test_loads_neither_torch_nor_numpy(archive: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from namedtorch.cli import main\n"
        f"assert main(['inspect', {str(archive)!r}, '--html', '-o', {str(tmp_path / 'net.html')!r}]) == 0\n"
        "print(*sorted({'torch', 'numpy', 'beartype', 'jaxtyping'} & sys.modules.keys()), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "\n")
