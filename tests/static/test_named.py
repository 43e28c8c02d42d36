"""Programs with NamedTensor as people write them: what is right is silent, and wrong names are found before the run.

Each file of `named/` runs. A comment `# mistake [code]: LINE` above a line tells what to write in its place for a
program that a `DimError` ends; the checker has to find that, there or where it is used behind that.
"""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from namedtorch import DimError
from namedtorch.diagnostics.source import Problem
from namedtorch.static.checked import Checked, Options
from namedtorch.static.checker import check_module
from namedtorch.static.configuration import Configuration
from namedtorch.static.project import Project
from namedtorch.static.source_module import SourceModule

FOLDER = Path(__file__).parent / "named"
FILES = sorted(path.name for path in FOLDER.glob("*.py"))
MISTAKE = re.compile(r"(?P<indent> *)# mistake \[(?P<code>[a-z-]+)\]: (?P<line>.+)")

MISSED: frozenset[tuple[str, int]] = frozenset()
"""The mistakes, by file and line, that are not found; there may only be fewer."""


@dataclass(frozen=True)
class Mistake:
    """A line of a file, and what is wrong there."""

    name: str
    line: int
    code: str
    text: str

    def __str__(self) -> str:
        return f"{self.name}:{self.line}"


def mistakes(name: str) -> list[Mistake]:
    lines = (FOLDER / name).read_text().splitlines()
    found: list[Mistake] = []
    for number, line in enumerate(lines, 1):
        match = MISTAKE.fullmatch(line)
        if match is None:
            assert "# mistake" not in line, line
            continue
        at = next(at for at in range(number, len(lines)) if MISTAKE.fullmatch(lines[at]) is None)
        found.append(Mistake(name, at + 1, match["code"], match["indent"] + match["line"]))
    return found


MISTAKES = [one for name in FILES for one in mistakes(name)]


def with_mistake(one: Mistake) -> str:
    lines = (FOLDER / one.name).read_text().splitlines()
    lines[one.line - 1] = one.text
    return "\n".join(lines) + "\n"


def checked(source: str, name: str) -> Checked:
    module = SourceModule("program", str(FOLDER / name), source, ast.parse(source), False)
    return check_module(module, Project.of([str(FOLDER / name)], Configuration(str(FOLDER))), Options())


def run(source: str) -> None:
    scope: dict[str, object] = {"__name__": "program"}
    exec(compile(source, "program.py", "exec"), scope)
    scope["main"]()  # pyright: ignore[reportCallIssue]


def texts(problems: tuple[Problem, ...]) -> list[tuple[int, str, str]]:
    return [(one.place.line, one.code, one.message) for one in problems]


@pytest.mark.parametrize("name", FILES)
def test_a_program_runs_and_nothing_is_said_of_it(name: str) -> None:
    source = (FOLDER / name).read_text()
    run(source)
    found = checked(source, name)
    assert texts(found.problems) == []
    assert found.over_budget == ()


@pytest.mark.parametrize("one", MISTAKES, ids=str)
def test_a_wrong_name_ends_the_run_and_is_found_before_it(one: Mistake) -> None:
    source = with_mistake(one)
    with pytest.raises(DimError):
        run(source)
    found = texts(checked(source, one.name).problems)
    if (one.name, one.line) in MISSED:
        assert found == [], "it is found: take it out of MISSED"
    else:
        assert one.code in {code for _, code, _ in found}, found
        # Where it is written, or where it is used behind that.
        assert min(line for line, _, _ in found) >= one.line
        assert len({line for line, _, _ in found}) <= 2


EXAMPLES = {"multihead_attention.py": "N heads T S", "normalize_any_layout.py": "N=4 C=3 H=3 W=3"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_names_are_known_in_examples_beside_the_package_itself(name: str) -> None:
    path = FOLDER.parents[2] / "examples" / name
    project = Project.of([str(path)], Configuration(str(path.parents[1])))
    module = project.module_at(str(path))
    assert isinstance(module, SourceModule)
    found = check_module(module, project, Options())
    assert texts(found.problems) == []
    assert EXAMPLES[name] in {one.text for one in found.inferred}


def test_there_are_many_programs_with_many_mistakes() -> None:
    assert len(FILES) >= 25
    assert len(MISTAKES) >= 120
    assert len({one.code for one in MISTAKES}) >= 8
    assert len(MISSED) <= len(MISTAKES) // 20
