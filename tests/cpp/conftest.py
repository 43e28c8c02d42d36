"""What C++ tests run: a program of checks and the example server, built once for all of them."""

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

_SOURCES = Path(__file__).parent
_CPP20 = "#include <concepts>\nint main() { return [](std::integral auto x) { return x; }(0); }\n"
_PATIENCE = 600


@dataclass(frozen=True)
class Programs:
    """The two programs."""

    checks: Path
    server: Path


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    """The programs, built by cmake against the libtorch of the torch at hand; skips where they can't be."""
    base = tmp_path_factory.getbasetemp()
    # Workers beside each other share what the first of them builds.
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cpp"
    outcome = folder / "outcome.txt"
    try:
        folder.mkdir()
    except FileExistsError:
        for _ in range(_PATIENCE):
            if outcome.exists():
                break
            time.sleep(1)
    else:
        text = _built(folder)
        # A reader that finds the file finds all of it.
        (folder / "written.txt").write_text(text)
        (folder / "written.txt").rename(outcome)
    said = outcome.read_text()
    if said.startswith("skip: "):
        pytest.skip(said.removeprefix("skip: "))
    assert not said, said
    return Programs(folder / "checks", folder / "cpp_server" / "cpp_server")


def _built(folder: Path) -> str:
    """Builds the programs; "" or why they can't be, which begins with "skip: " where a tool is missing."""
    cmake = shutil.which("cmake")
    if cmake is None:
        return "skip: there is no cmake, which builds the C++ programs"
    compiler = os.environ.get("CXX") or shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        return "skip: there is no C++ compiler"
    source = folder / "standard.cpp"
    source.write_text(_CPP20)
    if _failed([*compiler.split(), "-std=c++20", "-fsyntax-only", str(source)]):
        return f"skip: {compiler} knows no C++20, which libtorch asks for"
    options = [f"-DCMAKE_PREFIX_PATH={torch.utils.cmake_prefix_path}", "-DCMAKE_CXX_FLAGS=-O0 -Wall -Wextra"]
    return _failed([cmake, "-S", str(_SOURCES), "-B", str(folder), *options]) or _failed(
        [cmake, "--build", str(folder), "--parallel", "2"]
    )


def _failed(command: list[str]) -> str:
    """What a command said, if it failed; else "", and what a compiler warned of."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    said = done.stdout + done.stderr
    warned = [line for line in said.splitlines() if "/namedtorch/" in line and "warning:" in line]
    return f"{' '.join(command)}\n{said}" if done.returncode or warned else ""
