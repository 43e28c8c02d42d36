"""Wherever code is written, the graph names the user's file and line."""

import linecache
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

from namedtorch import LowerError
from namedtorch.lower.mending.mend import unmended
from tests.lower.unverified import lower

CELL = """from torch import Tensor, nn
from namedtorch import Float, checked

@checked
def halved(x: Float[
    Tensor, "N C"
]) -> Float[Tensor, "N C"]:
    return x / 2

@checked
class Cell(nn.Module):
    def forward(self, x: Float[Tensor, "N C"],
                more: "Float[Tensor, 'N C'] | None" = None) -> Float[Tensor,
                                                                     "N C"]:
        y: Float[Tensor,
                 "N C"] = halved(x)
        if more is not None:
            raise ValueError("here")
        return y
"""
RAISED = 1 + CELL.splitlines().index('            raise ValueError("here")')

NAMES = ["<ipython-input-3-0123456789ab>", "/nowhere/ipykernel_77/123456.py", "<python-input-4>"]


def run_cell(name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Runs text as a notebook does: its lines are in linecache only."""
    module = ModuleType("a_notebook")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(linecache.cache, name, (len(text), None, text.splitlines(keepends=True), name))
    exec(compile(text, name, "exec"), module.__dict__)
    return module


@pytest.mark.parametrize("name", NAMES)
def test_cells_of_notebooks(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = run_cell(name, CELL, monkeypatch)
    lowered = lower(module.Cell())
    x = torch.ones(2, 3)
    torch.testing.assert_close(lowered(x), x / 2)
    with pytest.raises(torch.jit.Error) as caught:
        lowered(x, x)
    assert f'File "{name}", line {RAISED}' in str(caught.value)
    assert f"{name}:{RAISED}:" in str(lowered.graph)
    assert linecache.getlines(name) == CELL.splitlines(keepends=True)


def test_refusals_in_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    text = CELL.replace('raise ValueError("here")', "y = [z for z in y if z > 0][0]")
    module: Any = run_cell(NAMES[0], text, monkeypatch)
    with (
        unmended(),
        pytest.raises(
            LowerError,
            match=re.escape(
                f"`Cell.forward`: a comprehension with `if`; write a loop with `if` that appends\n  {NAMES[0]}:"
            ),
        ),
    ):
        lower(module.Cell())


MAIN = """

import torch, warnings
from namedtorch import lower
warnings.simplefilter("error")
lowered = lower(Cell())
print(lowered.manifest.name)
try:
    lowered(torch.ones(2, 3), torch.ones(2, 3))
except torch.jit.Error as error:
    print(error)
"""


def test_scripts(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("from __future__ import annotations\n" + CELL + MAIN)
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert done.stdout.startswith("__main__.Cell\n")
    assert f'File "{script}", line {RAISED + 1}' in done.stdout
