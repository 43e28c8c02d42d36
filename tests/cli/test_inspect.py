"""`namedtorch inspect`, which loads no torch."""

import contextlib
import hashlib
import json
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

Run = Callable[..., Any]

SIGNATURE = "x: *batch C -> *batch C//2 where C%2 == 0"
GIGABYTE = 2**30


def manifest() -> Manifest:
    """What an archive of a function says."""
    signature = parse_signature(SIGNATURE)
    return Manifest(
        name="halve",
        kind="function",
        mode="eval",
        guards="boundary",
        methods={"forward": Method(signature, build_plan(signature))},
        torch_version="2.13.0",
        metadata={"labels": ["cat"]},
    )


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "halve.pt"
    with zipfile.ZipFile(path, "w") as container:
        container.writestr("halve/data.pkl", b"data")
        container.writestr("halve/constants.pkl", b"constants")
        container.writestr("halve/code/halve.py", b"def forward(x): return x")
        container.writestr("halve/data/0", b"0.25 0.75")
    seal(path, manifest())
    return path


def test_prints_a_block(run: Run, archive: Path) -> None:
    done = run("inspect", archive)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"halve.pt: halve (function, eval mode)\n\n  forward: {SIGNATURE}\n")


def test_prints_json(run: Run, archive: Path) -> None:
    done = run("inspect", archive, "--json")
    assert (done.code, done.err) == (0, "")
    assert done.data["signature"] == SIGNATURE
    assert done.data["manifest"]["methods"]["forward"]["plan"]
    assert done.data["manifest"]["metadata"] == {"labels": ["cat"]}


def test_prints_the_digest_that_pins_the_file(run: Run, archive: Path) -> None:
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    assert f"\n  sha256   {digest}\n" in run("inspect", archive).out
    assert run("inspect", archive, "--json").data["sha256"] == digest
    page = run("inspect", archive, "--html").out
    assert f"<td>{digest}</td>" in page
    done = run("inspect", archive, "--as", "oip", "--sha256")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: --sha256 goes without --as, whose answers have no place for it\n")


def test_a_large_file_is_hashed_for_who_asks(
    run: Run, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    monkeypatch.setattr("namedtorch.cli.inspect.HASHED_BELOW", archive.stat().st_size)
    assert "  sha256   not read, as the file is large; namedtorch inspect --sha256 reads it\n" in (
        run("inspect", archive).out
    )
    assert run("inspect", archive, "--json").data["sha256"] is None
    assert digest not in run("inspect", archive, "--html").out
    for option in ("--sha256", "--check"):
        assert run("inspect", archive, option, "--json").data["sha256"] == digest
    assert digest in run("inspect", archive, "--html", "--sha256").out


def test_check_reads_the_records(run: Run, archive: Path) -> None:
    done = run("inspect", archive, "--check")
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("\n\nchecked: every record is as it was saved\n")
    assert run("inspect", archive, "--check", "--json").data["checked"] is True
    archive.write_bytes(archive.read_bytes().replace(b"0.25 0.75", b"0.25 0.76"))
    assert run("inspect", archive).code == 0
    done = run("inspect", archive, "--check")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"error: {archive}: its weights changed since the file was saved")
    assert done.err.count("\n") == 1


def test_check_of_an_archive_without_digests(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "old.pt"
    with zipfile.ZipFile(path, "w") as container:
        container.writestr("old/extra/namedtorch.json", manifest().to_json())
    for command in ("inspect", "run", "bench"):
        done = run(command, path, "--check")
        assert (done.code, done.out) == (1, "")
        assert done.err == (
            f"error: {path}: holds no digests to check (its schema is 5); leave --check out, or lower the model again\n"
        )


def test_broken_file_is_one_line(run: Run, archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:100])
    done = run("inspect", archive)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"error: {archive}: is cut off or broken (")
    assert done.err.count("\n") == 1
    done = run("inspect", archive, "--json")
    assert (done.data["error"], done.data["exit"]) == ("ArchiveError", 1)
    assert done.err == f"error: {done.data['message']}\n"


def test_loads_neither_torch_nor_numpy(archive: Path) -> None:
    code = (
        "import sys; from namedtorch.cli import main\n"
        f"assert main(['inspect', {str(archive)!r}, '--json']) == 0\n"
        "print(*sorted({'torch', 'numpy', 'beartype', 'jaxtyping'} & sys.modules.keys()), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "\n")
    assert json.loads(done.stdout)["signature"] == SIGNATURE


def bytes_read() -> int:
    """How many bytes this process has read so far, as its system counts them."""
    with contextlib.suppress(FileNotFoundError):
        return int(Path("/proc/self/io").read_text().split()[1])
    pytest.skip("this system does not count what a process reads")


def test_weights_of_a_large_archive_are_not_read(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "large.pt"
    with zipfile.ZipFile(path, "w") as container:
        container.writestr("large/data.pkl", b"data")
        weights = zipfile.ZipInfo("large/data/0")
        with container.open(weights, "w") as record:
            record.write(b"\0" * 4)
        # The record is a hole of a gigabyte in the file, which takes no room on the disk.
        weights.file_size = weights.compress_size = GIGABYTE
        assert container.fp is not None
        end = weights.header_offset
        container.fp.seek(end)
        container.fp.write(weights.FileHeader(zip64=False))
        container.start_dir = container.fp.seek(GIGABYTE, 1)
        container.writestr("large/extra/namedtorch.json", manifest().to_json())
    assert path.stat().st_size > GIGABYTE
    before = bytes_read()
    done = run("inspect", path)
    assert (done.code, done.err) == (0, "")
    assert SIGNATURE in done.out
    assert bytes_read() - before < 2**20
