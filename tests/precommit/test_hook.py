"""The hook, run by pre-commit itself in a repository of a user's; needs git, and packages from the registry."""

import os
import shutil
import subprocess
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TAKEN = ("namedtorch", "grammar", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")

PRE_COMMIT = "pre-commit==4.7.0"

SETTINGS = ("GIT_", "PYTEST", "PYTHON", "VIRTUAL_ENV", "NAMEDTORCH_", "XDG_", "PRE_COMMIT")
"""How the names of variables begin that would make a user of this environment another one."""

WHO = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL")

CONFIGURATION = """\
repos:
  - repo: {url}
    rev: {revision}
    hooks:
      - id: namedtorch-check
"""

GOOD = """\
import torch
from jaxtyping import Float
from torch import Tensor


def project(x: Float[Tensor, "N in"], weight: Float[Tensor, "out in"]) -> Float[Tensor, "N out"]:
    return x @ weight.T
"""
BAD = GOOD.replace("weight.T", "weight")
"""A contraction of `in` with `out`."""


class Repository:
    """A git repository in a folder, and what runs in it."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        folder.mkdir(exist_ok=True)
        self("git", "init", "--quiet")

    def __call__(self, *words: str) -> str:
        """Runs a command that has to succeed, and answers what it printed."""
        done = self.run(*words)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs a command."""
        return subprocess.run(
            words,
            cwd=self.folder,
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )

    def commit(self) -> subprocess.CompletedProcess[str]:
        """Commits all files."""
        self("git", "add", "--all")
        return self.run("git", "commit", "--quiet", "--message", "Change")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of a user with a home of their own, in which pre-commit is installed and torch is not."""
    home = tmp_path_factory.mktemp("home")
    venv.create(home / "venv", with_pip=True)
    programs = home / "venv" / "bin"
    subprocess.run([programs / "pip", "install", "--quiet", PRE_COMMIT], check=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}
    kept |= dict.fromkeys(WHO, "nobody@example.org")
    return kept | {
        "HOME": str(home),
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PRE_COMMIT_HOME": str(home / "pre-commit"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR", str(home / "pip")),
    }


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Repository:
    """A repository whose commits pre-commit checks with the hook of this checkout."""
    folder = tmp_path_factory.mktemp("repositories")
    published = Repository(folder / "namedtorch", environment)
    for name in TAKEN:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, published.folder / name)
    (published.folder / ".gitignore").write_text("__pycache__/\n*.egg-info/\n")
    assert published.commit().returncode == 0
    user = Repository(folder / "user", environment)
    revision = published("git", "rev-parse", "HEAD").strip()
    configuration = CONFIGURATION.format(url=published.folder, revision=revision)
    (user.folder / ".pre-commit-config.yaml").write_text(configuration)
    (user.folder / "notes.txt").write_text("x = (")
    (user.folder / "model.py").write_text(GOOD)
    user("pre-commit", "install")
    return user


def test_a_commit_is_checked(user: Repository) -> None:
    done = user.commit()
    assert (done.returncode, "namedtorch check" in done.stdout, "Passed" in done.stdout) == (0, True, True), (
        done.stdout
    )

    (user.folder / "model.py").write_text(BAD)
    done = user.commit()
    assert (done.returncode, "Failed" in done.stdout) == (1, True), done.stdout
    assert "model.py:7:" in done.stdout
    assert user("git", "log", "--oneline").count("\n") == 1

    (user.folder / "model.py").write_text(BAD.replace("weight\n", "weight  # namedtorch: ignore\n"))
    assert user.commit().returncode == 0


def test_excluded_files_are_left_out(user: Repository) -> None:
    (user.folder / "pyproject.toml").write_text('[tool.namedtorch]\nexclude = ["old"]\n')
    (user.folder / "old").mkdir()
    (user.folder / "old" / "model.py").write_text(BAD)
    done = user.commit()
    assert done.returncode == 0, done.stdout


def test_the_environment_of_the_hook_has_no_torch(user: Repository, environment: dict[str, str]) -> None:
    user("pre-commit", "install-hooks")
    installed = {
        path.name
        for path in Path(environment["PRE_COMMIT_HOME"]).glob("repo*/py_env-*/lib/*/site-packages/*")
    }
    assert "lark" in installed
    assert "torch" not in installed
