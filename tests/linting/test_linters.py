"""The lines that the README gives to users of ruff and flake8, run for real: needed, and enough."""

import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[2] / "README.md"

STRINGS = """\
import torch
from namedtorch import Float, checked
from torch import Tensor, nn


@checked
def scale(x: Float[Tensor, "N C"], by: Float[Tensor, "C"]) -> Tensor:
    return x * by


@checked
class Head(nn.Module):
    def forward(self, x: Float[Tensor, "*batch (H W) C=3 where H >= 7"]):
        bias: Float[Tensor, "C"] = torch.zeros(3)
        return x + bias
"""

ANNOTATED = """\
from typing import Annotated

import torch
from namedtorch import Dims, checked
from torch import Tensor, nn


@checked
def scale(
    x: Annotated[Tensor, Dims("N C")], by: Annotated[Tensor, Dims("C")]
) -> Tensor:
    return x * by


@checked
class Head(nn.Module):
    def forward(self, x: Annotated[Tensor, Dims("*batch (H W) C=3")]):
        bias: Annotated[Tensor, Dims("C")] = torch.zeros(3)
        return x + bias
"""

DEFERRED = "from __future__ import annotations\n\n"

# How each tool is called, and the file that its lines belong in.
RUFF = ("ruff", ["check", "--output-format=concise", "--no-cache"], "pyproject.toml")
FLAKE8 = ("flake8", [], ".flake8")
TOOLS = [pytest.param(*RUFF, id="ruff"), pytest.param(*FLAKE8, id="flake8")]

# A project whose ruff is set to find all of pyflakes and pyupgrade, as many are.
USERS_RUFF = """\
[lint]
select = ["E4", "E7", "E9", "F", "UP"]
"""
EXTENDS_USERS_RUFF = """\
[tool.ruff]
extend = "strict.toml"

"""

# What each tool says of dims in strings when nothing stops it. UP037 even comes with a fix, which breaks them.
UNWANTED = {"ruff": {"F722", "F821", "UP037"}, "flake8": {"F722", "F821"}}


def readme_block(name: str) -> str:
    """The fenced block behind `<!-- lint: NAME -->`."""
    lines = README.read_text().splitlines()
    start = lines.index(f"<!-- lint: {name} -->") + 1
    assert lines[start].startswith("```")
    return "\n".join(lines[start + 1 : lines.index("```", start + 1)]) + "\n"


def findings(folder: Path, tool: str, arguments: list[str]) -> set[str]:
    """The codes that a tool reports for the folder, with the settings that lie in it."""
    command = [sys.executable, "-m", tool, *arguments, "."]
    finished = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert finished.returncode in (0, 1), finished.stderr
    reported = {line.split(": ", 1)[-1].split()[0] for line in finished.stdout.splitlines() if ".py:" in line}
    assert bool(reported) == (finished.returncode == 1), finished.stdout
    return {code.rstrip(":") for code in reported}


def write(folder: Path, source: str, settings: str, lines: str = "") -> None:
    """Writes a user's project: two source files and the settings of one tool, with our lines or without."""
    (folder / "model.py").write_text(source)
    (folder / "deferred.py").write_text(DEFERRED + source)
    (folder / "strict.toml").write_text(USERS_RUFF)
    (folder / settings).write_text(EXTENDS_USERS_RUFF + lines if settings == "pyproject.toml" else lines)


@pytest.mark.parametrize(("tool", "arguments", "settings"), TOOLS)
def test_dims_in_strings_need_the_lines(
    tmp_path: Path, tool: str, arguments: list[str], settings: str
) -> None:
    write(tmp_path, STRINGS, settings)
    assert findings(tmp_path, tool, arguments) == UNWANTED[tool]


@pytest.mark.parametrize(("tool", "arguments", "settings"), TOOLS)
def test_dims_in_strings_are_clean_with_the_lines(
    tmp_path: Path, tool: str, arguments: list[str], settings: str
) -> None:
    write(tmp_path, STRINGS, settings, readme_block(tool))
    assert findings(tmp_path, tool, arguments) == set()


@pytest.mark.parametrize(("tool", "arguments", "settings"), TOOLS)
def test_the_lines_hide_nothing_else(tmp_path: Path, tool: str, arguments: list[str], settings: str) -> None:
    write(tmp_path, "import os\n" + STRINGS, settings, readme_block(tool))
    assert "F401" in findings(tmp_path, tool, arguments)


@pytest.mark.parametrize(("tool", "arguments", "settings"), TOOLS)
def test_dims_in_annotated_are_clean_without_any_lines(
    tmp_path: Path, tool: str, arguments: list[str], settings: str
) -> None:
    write(tmp_path, ANNOTATED, settings)
    assert findings(tmp_path, tool, arguments) == set()


def test_fixes_of_ruff_keep_the_dims(tmp_path: Path) -> None:
    tool, arguments, settings = RUFF
    write(tmp_path, STRINGS, settings, readme_block(tool))
    findings(tmp_path, tool, [*arguments, "--fix"])
    assert (tmp_path / "model.py").read_text() == STRINGS
    assert (tmp_path / "deferred.py").read_text() == DEFERRED + STRINGS
