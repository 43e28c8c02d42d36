"""A file is the old one or the new one, whatever happens."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from namedtorch.archive.atomic import atomic
from namedtorch.diagnostics import ArchiveError


def test_puts_the_new_file_in_place(tmp_path: Path) -> None:
    target = tmp_path / "m.pt"
    with atomic(target) as temporary:
        assert temporary.name == "m.pt"
        temporary.write_text("new")
        assert not target.exists()
    assert target.read_text() == "new"
    assert os.listdir(tmp_path) == ["m.pt"]


def test_error_keeps_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "m.pt"
    target.write_text("old")
    with pytest.raises(RuntimeError, match="disk full"), atomic(target) as temporary:
        half_written(temporary)
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["m.pt"]


def half_written(path: Path) -> None:
    path.write_text("half")
    raise RuntimeError("disk full")


def test_writing_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic(tmp_path / "m.pt"):
        pass
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_permissions_of_the_old_file_stay(tmp_path: Path) -> None:
    target = tmp_path / "m.pt"
    target.write_text("old")
    target.chmod(0o640)
    with atomic(target) as temporary:
        temporary.write_text("new")
    assert target.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(os.name != "posix", reason="links of POSIX")
def test_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "v1.pt", tmp_path / "latest.pt"
    target.write_text("old")
    link.symlink_to(target)
    with atomic(link) as temporary:
        temporary.write_text("new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_what_can_not_be_replaced(tmp_path: Path) -> None:
    cases = [
        (tmp_path, "it is a folder; give the path of a file"),
        (tmp_path / "no" / "m.pt", f"there is no folder {str(tmp_path / 'no')!r}; create it first"),
    ]
    if os.name == "posix":
        cases.append((Path("/dev/null"), "it is no plain file; give the path of a file"))
    for path, text in cases:
        with pytest.raises(ArchiveError) as caught, atomic(path):
            pytest.fail("entered")
        assert str(caught.value) == f"can't write {str(path)!r}: {text}"


def test_path_that_no_file_can_have() -> None:
    with (
        pytest.raises(ArchiveError, match=r"^can't write 'a\\x00b\.pt': .*null.*; check the path$"),
        atomic("a\0b.pt"),
    ):
        pytest.fail("entered")


def test_file_that_can_not_be_put_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "m.pt"
    target.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ArchiveError) as caught, atomic(target) as temporary:
        temporary.write_text("new")
    assert str(caught.value) == f"can't write {str(target)!r}: no space left on device"
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["m.pt"]


def test_folder_that_can_not_be_flushed_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flush = os.fsync

    def files_only(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(22, "Invalid argument")
        flush(handle)

    monkeypatch.setattr("os.fsync", files_only)
    with atomic(tmp_path / "m.pt") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "m.pt").read_text() == "new"


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_killed_while_writing_keeps_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "m.pt"
    target.write_text("old")
    code = (
        "import os, signal; from namedtorch.archive.atomic import atomic\n"
        f"with atomic({str(target)!r}) as temporary:\n"
        "    temporary.write_text('half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], check=False)
    assert run.returncode == -signal.SIGKILL
    assert target.read_text() == "old"
