"""The project's files as someone else would get them."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LEFT_BY_TOOLS = ("__pycache__", "build", "dist", "venv")


def tracked(root: Path) -> list[Path]:
    """The files that git tracks or would take."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    names = sorted(set(filter(None, listed.stdout.split("\0"))))
    return [Path(name) for name in names if (root / name).is_file()]


def untracked(root: Path) -> list[Path]:
    """The files of a tree that did not come with git, without what builds and tools leave."""
    files = (file.relative_to(root) for file in root.rglob("*") if file.is_file())
    return sorted(file for file in files if not any(left_by_tools(part) for part in file.parts[:-1]))


def left_by_tools(folder: str) -> bool:
    return folder in LEFT_BY_TOOLS or folder.endswith(".egg-info") or folder.startswith(".")


@pytest.fixture(scope="session")
def files() -> list[Path]:
    """The files of the project, relative to its root."""
    return tracked(ROOT) if (ROOT / ".git").exists() else untracked(ROOT)


@pytest.fixture(scope="session")
def checkout(files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project as a fresh clone would have it."""
    copy = tmp_path_factory.mktemp("checkout")
    for file in files:
        target = copy / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / file, target)
    return copy
