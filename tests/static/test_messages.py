"""What the checker says, word for word: each page of `messages/` is a source, and the text that is printed for it.

`python tests/static/test_messages.py` writes the texts anew; read what changed.
"""

import re
from pathlib import Path

import pytest

from namedtorch.diagnostics.formats.text import write
from namedtorch.diagnostics.source import Place, Problem
from namedtorch.static.checked import Options
from namedtorch.static.checker import check_module
from namedtorch.static.project import Project

MESSAGES = sorted((Path(__file__).parent / "messages").glob("*.md"))

PAIRS = sorted((Path(__file__).parent / "pairs").glob("*/buggy.py"))

HEADER = """\
import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor


"""

PAGE = re.compile(r"```python\n(?P<source>.*?)```\n\n```text\n(?P<text>.*?)```\n", re.DOTALL)

LONGEST = 120
"""A headline that is longer does not fit on a line of most terminals."""


def checked(source: str, folder: Path) -> list[Problem]:
    """The findings in a source whose imports stand above."""
    path = folder / "model.py"
    path.write_text(HEADER + source, encoding="utf-8")
    project = Project.of([str(path)])
    module = project.module_at(str(path))
    found = check_module(module, project, Options())  # type: ignore[arg-type]
    return list(found.problems)


def printed(source: str, folder: Path) -> str:
    """What is printed for a source, with the name of its file alone."""
    text = write(checked(source, folder), lambda path: Path(path).read_text(encoding="utf-8"))
    return re.sub(r"(?m)^( *(?:-->|:::) ).*?(?=model\.py)", r"\1", text)


def leaks(problem: Problem) -> list[str]:
    """What is said in a finding with names that stand in the checker alone."""
    texts = (problem.message, problem.label, problem.help, *(remark.text for remark in problem.remarks))
    asked = r"did you mean `[^`]*`\?"
    return [
        text for text in texts if re.search(r"[{}?]|\w@\w|Unknown|Axis\(|Size\(", re.sub(asked, "", text))
    ]


def read(page: Path) -> tuple[str, str]:
    """The source and the text of a page."""
    found = PAGE.fullmatch(page.read_text(encoding="utf-8"))
    assert found is not None
    return found["source"], found["text"]


@pytest.mark.parametrize("page", MESSAGES, ids=lambda page: page.stem)
def test_says(page: Path, tmp_path: Path) -> None:
    source, text = read(page)
    assert printed(source, tmp_path) + "\n" == text


@pytest.mark.parametrize("page", MESSAGES, ids=lambda page: page.stem)
def test_headlines_are_short_and_free_of_inner_names(page: Path, tmp_path: Path) -> None:
    problems = checked(read(page)[0], tmp_path)
    assert problems
    for one in problems:
        assert len(one.message) <= LONGEST
        assert "\n" not in one.message
        assert leaks(one) == []


def test_nothing_that_is_said_of_bugs_names_what_stands_in_the_checker_alone() -> None:
    for path in PAIRS:
        project = Project.of([str(path)])
        module = project.module_at(str(path))
        found = check_module(module, project, Options())  # type: ignore[arg-type]
        assert [text for one in found.problems for text in leaks(one)] == [], path


def test_a_leak_is_seen() -> None:
    place = Place("model.py", 1, 1, 1, 2)
    assert leaks(Problem("rank-unfit", "error", "`{width}` is 3", place)) == ["`{width}` is 3"]


def test_there_are_many() -> None:
    assert len(MESSAGES) >= 25


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    for one in MESSAGES:
        source, _ = read(one)
        with TemporaryDirectory() as folder:
            told = printed(source, Path(folder))
        one.write_text(f"```python\n{source}```\n\n```text\n{told}\n```\n", encoding="utf-8")
