"""The examples on the pages of codes: the wrong one has the finding on its marked line alone, the right one none."""

import ast
from pathlib import Path

import pytest

from namedtorch.diagnostics import CODES, Code
from namedtorch.diagnostics.source import Problem
from namedtorch.static.checked import Options
from namedtorch.static.checker import check_module
from namedtorch.static.examination import examined
from namedtorch.static.project import Project
from namedtorch.static.selection import Selection
from namedtorch.static.suppression import without_silenced

HEADER = """\
import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor


"""

MARK = "  # <-"

OF_SOURCE = [code for code in CODES.values() if code.wrong]


def findings(folder: Path, text: str) -> list[Problem]:
    """What is reported of a file, with comments read as assertions."""
    path = folder / "example.py"
    path.write_text(text, encoding="utf-8")
    (folder / "pyproject.toml").write_text("[tool.namedtorch]\ncomments = true\n", encoding="utf-8")
    project = Project.of([str(path)])
    record = examined(
        str(path), project, lambda module, project, options: check_module(module, project, Options(True))
    )
    assert not record.failure
    everything = Selection(frozenset(), frozenset(), ())
    return without_silenced(record.problems, record.ignores, everything)


@pytest.mark.parametrize("code", OF_SOURCE, ids=lambda code: code.name)
def test_the_wrong_example_has_the_finding_on_its_marked_line(code: Code, tmp_path: Path) -> None:
    text = HEADER + code.wrong
    marked = [number for number, line in enumerate(text.splitlines(), 1) if line.endswith(MARK)]
    assert len(marked) == 1
    said = [(one.code, one.place.line, one.severity) for one in findings(tmp_path, text.replace(MARK, ""))]
    assert said == [(code.name, marked[0], code.severity)]


@pytest.mark.parametrize("code", OF_SOURCE, ids=lambda code: code.name)
def test_the_right_example_has_none(code: Code, tmp_path: Path) -> None:
    ast.parse(code.right)
    assert [(one.code, one.message) for one in findings(tmp_path, HEADER + code.right)] == []
