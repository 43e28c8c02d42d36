"""mypy and pyright in an environment of their own, as commands that check a tree."""

import os
import subprocess
import venv
from pathlib import Path

from processes import Run

PYRIGHT = "pyright[nodejs]"


def installed(folder: Path) -> bool:
    """Installs both into a new environment; tells whether the registry could be reached."""
    venv.create(folder, with_pip=True)
    command = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "mypy", PYRIGHT]
    if subprocess.run(command, capture_output=True).returncode:
        return False
    # What it runs on is fetched when it is first called.
    return not subprocess.run([str(folder / "bin" / "pyright"), "--version"], capture_output=True).returncode


def rivals(folder: Path, tree: Path) -> dict[str, Run]:
    """What checks a tree without a cache, by name and version. The modules of other packages are not there."""
    binaries = folder / "bin"
    mypy = [
        str(binaries / "mypy"),
        f"--cache-dir={os.devnull}",
        "--check-untyped-defs",
        "--ignore-missing-imports",
        str(tree),
    ]
    pyright = [str(binaries / "pyright"), "--pythonpath", str(binaries / "python"), str(tree)]
    return {
        f"mypy {_version(folder, 'mypy')} `--check-untyped-defs`": Run(mypy),
        f"pyright {_version(folder, 'pyright')}": Run(pyright),
    }


def _version(folder: Path, package: str) -> str:
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    command = [str(folder / "bin" / "python"), "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
