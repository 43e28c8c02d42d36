"""The page about erasing is a file of a program: its code runs, and prints what stands below it."""

import contextlib
import io
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.values.pages import blocks

PAGE = "erasing.md"
FILE = "model.py"
"""What the page's code is called in what it prints."""


def test_the_code_of_the_page_prints_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    found = list(blocks(PAGE))
    file = tmp_path / FILE
    file.write_text("".join(code for code, _ in found))
    names: dict[str, Any] = {"__name__": "model"}
    lines = 0
    for number, (code, text) in enumerate(found, 1):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            # Lines are counted as in the file: that is where the source of functions is looked up.
            exec(compile("\n" * lines + code, str(file), "exec"), names)
        lines += code.count("\n")
        said = printed.getvalue().replace(str(file), FILE)
        assert said == text, f"block {number} of {PAGE} prints\n{said}"


def test_the_page_says_what_its_code_prints() -> None:
    assert sum(bool(text) for _, text in blocks(PAGE)) > 8
