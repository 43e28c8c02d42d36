"""The wheel of a clean checkout works in an empty environment, outside the tree, without torch and without network."""

import os
import shutil
import subprocess
import sys
import zipfile
from email.message import Message
from email.parser import Parser
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

SHAPE = "N C=3 H W where H >= 32"


@pytest.fixture(scope="session")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with the setuptools that is installed here."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-index",
        "--no-deps",
        "--no-build-isolation",
    ]
    run(*command, "--wheel-dir", folder, checkout)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="session")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that holds the wheel and what its metadata asks for, copied from here; no pip, no torch."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    python = folder / "bin" / "python"
    install = ["install", "--quiet", "--no-index", "--no-deps", wheel]
    run(sys.executable, "-m", "pip", "--python", python, *install)
    packages = Path(said(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"))
    for name in closure(metadata_of(wheel).get_all("Requires-Dist", [])):
        copy_distribution(name, packages)
    return folder


def run(*command: str | Path) -> None:
    """Runs a command that must succeed, and shows all it said where it does not."""
    finished = subprocess.run(command, capture_output=True, text=True)
    assert finished.returncode == 0, f"{finished.stdout}\n{finished.stderr}"


def alone(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs a command far from the tree, with nothing of this process's environment."""
    variables = {"PATH": os.defpath}
    return subprocess.run(command, capture_output=True, text=True, env=variables, cwd="/")


def said(*command: str | Path) -> str:
    """The output of a command that succeeds alone."""
    finished = alone(*command)
    assert finished.returncode == 0, f"{finished.stdout}\n{finished.stderr}"
    return finished.stdout.strip()


def metadata_of(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return Parser().parsestr(archive.read(name).decode())


def closure(lines: list[str]) -> set[str]:
    """The names of all distributions that these requirements bring where no extra is asked for."""
    found: set[str] = set()
    waiting = list(lines)
    while waiting:
        requirement = Requirement(waiting.pop())
        if requirement.name in found or not (
            requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        ):
            continue
        found.add(requirement.name)
        waiting.extend(distribution(requirement.name).requires or [])
    return found


def copy_distribution(name: str, packages: Path) -> None:
    """Copies the installed files of a distribution, without its scripts and compiled files."""
    for file in distribution(name).files or []:
        if ".." in file.parts or "__pycache__" in file.parts:
            continue
        target = packages / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file.locate(), target)


def test_wheel_holds_the_package_the_grammar_and_the_types(wheel: Path, files: list[Path]) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    package = {file for file in files if file.parts[0] in ("namedtorch", "grammar") and file.suffix != ".md"}
    expected = {file if file.parts[0] == "namedtorch" else Path("namedtorch", file) for file in package}
    assert names == {file.as_posix() for file in expected}
    assert {"namedtorch/grammar/dims.lark", "namedtorch/py.typed", "namedtorch/__init__.pyi"} <= names


def test_metadata_says_license_and_plain_dependencies(wheel: Path) -> None:
    metadata = metadata_of(wheel)
    assert metadata["License-Expression"] == "MIT"
    assert metadata["License-File"] == "LICENSE"
    assert closure(metadata.get_all("Requires-Dist", [])) >= {"lark", "jaxtyping", "beartype", "numpy"}
    assert "torch" not in closure(metadata.get_all("Requires-Dist", []))


def test_environment_is_empty_but_for_the_wheel(environment: Path) -> None:
    places = said(environment / "bin" / "python", "-I", "-c", "import namedtorch; print(namedtorch.__file__)")
    assert Path(places).is_relative_to(environment)
    assert alone(environment / "bin" / "python", "-I", "-c", "import torch").returncode == 1


def test_shapes_parse_without_torch(environment: Path) -> None:
    program = f"import namedtorch; print(namedtorch.parse_shape({SHAPE!r}))"
    assert said(environment / "bin" / "python", "-I", "-c", program) == SHAPE


def test_command_line_explains_without_torch(environment: Path) -> None:
    assert "dims-differ" in said(environment / "bin" / "namedtorch", "explain", "dims-differ")


@pytest.mark.parametrize("name", ["lower", "load"])
def test_what_needs_torch_says_so_in_one_sentence(environment: Path, name: str) -> None:
    finished = alone(environment / "bin" / "python", "-I", "-c", f"from namedtorch import {name}")
    assert finished.returncode == 1
    sentence = finished.stderr.strip().splitlines()[-1]
    assert "namedtorch[torch]" in sentence
    assert name in sentence
    assert "During handling of the above exception" not in finished.stderr
