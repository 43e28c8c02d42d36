"""What a killed save leaves is removed by a later one, and nothing else is."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from namedtorch.archive.atomic import atomic
from namedtorch.archive.leftover import working_folder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="folders can't be locked there")

SAVE = """
import os, signal, sys
from namedtorch.archive.atomic import atomic
with atomic(sys.argv[1]) as temporary:
    temporary.write_text("half")
    print(temporary.parent, flush=True)
    if sys.argv[2] == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    sys.stdin.read()
"""
HOURS = 3600


def age(folder: Path, seconds: float) -> None:
    found = folder.stat()
    os.utime(folder, (found.st_atime - seconds, found.st_mtime - seconds))


def save(target: Path) -> None:
    with atomic(target) as temporary:
        temporary.write_text("new")


def killed_save(target: Path) -> Path:
    """The folder that a killed save left."""
    run = subprocess.run(
        [sys.executable, "-c", SAVE, target, "kill"], capture_output=True, text=True, check=False
    )
    assert run.returncode == -signal.SIGKILL
    return Path(run.stdout.strip())


def test_the_folder_of_a_killed_save_is_removed_after_an_hour(tmp_path: Path) -> None:
    folder = killed_save(tmp_path / "m.pt")
    assert folder.parent == tmp_path
    assert folder.name.startswith(".namedtorch-save-")
    save(tmp_path / "m.pt")
    assert sorted(os.listdir(tmp_path)) == [folder.name, "m.pt"]
    age(folder, 2 * HOURS)
    save(tmp_path / "other.pt")
    assert sorted(os.listdir(tmp_path)) == ["m.pt", "other.pt"]


def test_the_folder_of_a_slow_save_stays(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SAVE, tmp_path / "slow.pt", "wait"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as slow:
        assert slow.stdin is not None
        assert slow.stdout is not None
        folder = Path(slow.stdout.readline().strip())
        age(folder, 2 * HOURS)
        save(tmp_path / "m.pt")
        assert folder.is_dir()
        slow.stdin.close()
    assert slow.returncode == 0
    assert (tmp_path / "slow.pt").read_text() == "half"
    assert sorted(os.listdir(tmp_path)) == ["m.pt", "slow.pt"]


OTHERS = [".namedtorch-save-abc", ".namedtorch-save-abcdefgh9", ".namedtorch", "namedtorch-save-abcdefgh"]


@pytest.mark.parametrize("name", OTHERS)
def test_folders_of_others_stay(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    age(tmp_path / name, 1000 * HOURS)
    save(tmp_path / "m.pt")
    assert (tmp_path / name).is_dir()


def test_links_and_files_that_are_called_like_one_stay(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "x").write_text("x")
    age(kept, 1000 * HOURS)
    (tmp_path / ".namedtorch-save-abcdefgh").symlink_to(kept)
    (tmp_path / ".namedtorch-save-abcdefg0").write_text("a file")
    save(tmp_path / "m.pt")
    assert (kept / "x").read_text() == "x"
    assert len(os.listdir(tmp_path)) == 4


def test_a_folder_that_can_not_be_listed_is_still_saved_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.scandir", forbidden)
    with working_folder(tmp_path) as folder:
        assert folder.is_dir()
