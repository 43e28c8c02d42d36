"""The checker says of each case file exactly what the comments in it expect."""

from pathlib import Path

import pytest

from namedtorch.diagnostics.source import Place, Problem
from namedtorch.static.checked import Checked, Inferred, Options
from namedtorch.static.checker import check_module
from namedtorch.static.configuration import Configuration
from namedtorch.static.project import Project
from namedtorch.static.source_module import SourceModule
from tests.static.expectations import WrongExpectation, differences, expected

CASES = Path(__file__).parent / "cases"
FILES = sorted(path.relative_to(CASES).as_posix() for path in CASES.rglob("*.py"))

KNOWN_GAPS: dict[str, str] = {
    "functions/generic_calls.py": "a group that is bound twice differs by the body of the callee, not by its signature",
}
"""Case files that hold the right expectation, which the checker does not meet yet, and what it says instead."""


def checked(path: Path) -> tuple[str, Checked]:
    project = Project.of([str(path)], Configuration(str(CASES)))
    module = project.module_at(str(path))
    assert isinstance(module, SourceModule)
    return module.text, check_module(module, project, Options())


@pytest.mark.parametrize("name", [name for name in FILES if name not in KNOWN_GAPS])
def test_case(name: str) -> None:
    assert differences(*checked(CASES / name)) == []


@pytest.mark.parametrize("name", sorted(KNOWN_GAPS))
def test_known_gaps_are_still_open(name: str) -> None:
    assert differences(*checked(CASES / name)) != [], f"{name} is met: take it out of KNOWN_GAPS"


def test_there_are_cases_of_each_kind() -> None:
    texts = [(CASES / name).read_text() for name in FILES]
    wanted = [expected(text) for text in texts]
    assert len(FILES) >= 60
    assert sum(len(one.dims) for one in wanted) >= 200
    assert sum(one.findings.total() for one in wanted) >= 100
    assert {kind for one in wanted for _, kind, _ in one.findings} == {"error", "warning"}
    assert sum(1 for one in wanted if not one.findings) >= 8


# The harness itself

SOURCE = "a = first(x)\ny = second(a){}\nb, c = third(y)\nfourth(b)\n"


def finding(line: int, severity: str = "error", code: str = "cat-sizes-differ") -> Problem:
    return Problem(code, severity, "it does not fit", Place("a.py", line, 5, line, 10))  # pyright: ignore[reportArgumentType]


def answer(*problems: Problem) -> Checked:
    inferred = [
        Inferred(Place("a.py", 1, 5, 1, 13), "A"), Inferred(Place("a.py", 1, 1, 1, 2), "A"),
        Inferred(Place("a.py", 2, 5, 2, 14), "N C"), Inferred(Place("a.py", 2, 1, 2, 2), "N C"),
        Inferred(Place("a.py", 3, 1, 3, 2), "B"), Inferred(Place("a.py", 3, 4, 3, 5), "C D"),
        Inferred(Place("a.py", 4, 8, 4, 9), "B"), Inferred(Place("a.py", 4, 1, 4, 10), "B B"),
    ]  # fmt: skip
    return Checked(problems, (), frozenset(), tuple(inferred))


MET = [
    ("", []),
    ("  # error: [cat-sizes-differ]", [finding(2)]),
    ("  # warning: [batch-order]", [finding(2, "warning", "batch-order")]),
    ("  # error: [cat-sizes-differ]  # warning: [batch-order]", [finding(2), finding(2, "warning", "batch-order")]),
    ("  # error: [cat-sizes-differ]  # error: [cat-sizes-differ]", [finding(2), finding(2)]),
    ("  # dims: N C", []),
    ("  # error: [cat-sizes-differ]  # dims: N C", [finding(2)]),
    ("  # what is said of errors: nothing", []),
    ("  # dims: N C\nb, c = third(y)  # dims: B  # dims: C D", []),
    ("\nb, c = third(y)\nfourth(b)  # dims: B B", []),
]  # fmt: skip


@pytest.mark.parametrize(("comment", "problems"), MET)
def test_expectations_that_are_met(comment: str, problems: list[Problem]) -> None:
    assert differences(SOURCE.format(comment), answer(*problems)) == []


UNMET = [
    ("", [finding(2)], "2: unexpected error[cat-sizes-differ]"),
    ("  # error: [cat-sizes-differ]", [], "2: missing error[cat-sizes-differ]"),
    ("  # error: [cat-sizes-differ]", [finding(3)], "2: missing error[cat-sizes-differ]"),
    ("  # error: [cat-sizes-differ]", [finding(2, code="rank-unfit")], "2: unexpected error[rank-unfit]"),
    ("  # error: [cat-sizes-differ]", [finding(2, "warning")], "2: unexpected warning[cat-sizes-differ]"),
    ("  # error: [cat-sizes-differ]", [finding(2), finding(2)], "2: unexpected error[cat-sizes-differ]"),
    (
        "  # error: [cat-sizes-differ]  # error: [cat-sizes-differ]",
        [finding(2)],
        "2: missing error[cat-sizes-differ]",
    ),
    ("  # dims: N D", [], "2: dims are ['N C'], not ['N D']"),
    ("  # dims: N C H", [], "2: dims are ['N C'], not ['N C H']"),
    ("  # dims:", [], "2: dims are ['N C'], not ['']"),
    ("  # dims: unknown", [], "2: dims are ['N C'], not ['unknown']"),
    ("  # dims: N C  # dims: N C", [], "2: dims are ['N C'], not ['N C', 'N C']"),
    ("\nb, c = third(y)  # dims: C D  # dims: B", [], "3: dims are ['B', 'C D'], not ['C D', 'B']"),
    ("\nb, c = third(y)  # dims: B", [], "3: dims are ['B', 'C D'], not ['B']"),
    ("\nb, c = third(y)\nfourth(b)  # dims: B", [], "4: dims are ['B B'], not ['B']"),
    ("\n\npass  # dims: N", [], "4: dims are ['B B'], not ['N']"),
]


@pytest.mark.parametrize(("comment", "problems", "said"), UNMET)
def test_expectations_that_are_not_met(comment: str, problems: list[Problem], said: str) -> None:
    assert said in differences(SOURCE.format(comment), answer(*problems))


def test_what_is_over_budget_is_said() -> None:
    assert differences("x = 1", Checked((), ("f",))) == ["over budget: f"]


WRITTEN_WRONG = [
    "error: cat-sizes-differ",
    "error [cat-sizes-differ]",
    "error: [Cat]",
    "warning: []",
    "dims = N C",
    "dims N C",
    "error: [a-b]  # dims N",
    "note: reveal",
]


@pytest.mark.parametrize("comment", WRITTEN_WRONG)
def test_a_comment_that_is_almost_an_expectation_is_refused(comment: str) -> None:
    with pytest.raises(WrongExpectation):
        expected(f"x = 1  # {comment}\n")
