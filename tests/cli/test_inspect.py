"""`namedtorch inspect`, which loads no torch."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from namedtorch.archive.manifest import Manifest, Method
from namedtorch.signature.plan import build_plan
from namedtorch.signature.text import parse_signature

Run = Callable[..., Any]

SIGNATURE = "x: *batch C -> *batch C//2 where C%2 == 0"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    signature = parse_signature(SIGNATURE)
    manifest = Manifest(
        name="halve",
        kind="function",
        mode="eval",
        guards="boundary",
        methods={"forward": Method(signature, build_plan(signature))},
        torch_version="2.13.0",
    )
    path = tmp_path / "halve.pt"
    with zipfile.ZipFile(path, "w") as container:
        container.writestr("halve/extra/namedtorch.json", manifest.to_json())
    return path


def test_prints_a_block(run: Run, archive: Path) -> None:
    done = run("inspect", archive)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"halve.pt: halve (function, eval mode)\n\n  forward: {SIGNATURE}\n")


def test_prints_json(run: Run, archive: Path) -> None:
    done = run("inspect", archive, "--json")
    assert (done.code, done.err) == (0, "")
    data = json.loads(done.out)
    assert data["signature"] == SIGNATURE
    assert data["manifest"]["methods"]["forward"]["plan"]


def test_broken_file_is_one_line(run: Run, archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:100])
    done = run("inspect", archive)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"error: {archive}: is cut off or broken (")
    assert done.err.count("\n") == 1


def test_loads_neither_torch_nor_numpy(archive: Path) -> None:
    code = (
        "import sys; from namedtorch.cli import main\n"
        f"assert main(['inspect', {str(archive)!r}]) == 0\n"
        "print(*sorted({'torch', 'numpy', 'beartype', 'jaxtyping'} & sys.modules.keys()), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "\n")
    assert SIGNATURE in done.stdout
