"""Real bugs and their fixed twins: the bugs are found in the faulty function, and nothing is said of what is right."""

import json
from pathlib import Path

import pytest

from namedtorch.static.checked import Checked, Options
from namedtorch.static.checker import check_module
from namedtorch.static.configuration import Configuration
from namedtorch.static.project import Project
from namedtorch.static.source_module import SourceModule

PAIRS = Path(__file__).parent / "pairs"
NAMES = sorted(path.parent.name for path in PAIRS.glob("*/meta.json"))

NOT_FOUND: frozenset[int] = frozenset(
    {194, 198, 211, 249, 323, 339, 347, 356, 357, 358, 362, 363, 371, 374, 390}
)
"""The numbers of the bugs that are not found; it may only shrink."""

GIVEN = frozenset({4, 26, 31, 39, 53, 59, 70, 77, 81, 83, 87, 91})
"""The pairs that were not written for this checker."""


def number(name: str) -> int:
    return int(name.partition("_")[0])


def checked(path: Path) -> Checked:
    project = Project.of([str(path)], Configuration(str(path.parent)))
    module = project.module_at(str(path))
    assert isinstance(module, SourceModule)
    return check_module(module, project, Options())


def is_found(name: str) -> bool:
    first, last = json.loads((PAIRS / name / "meta.json").read_text())["scope"]
    return any(first <= one.place.line <= last for one in checked(PAIRS / name / "buggy.py").problems)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_said_of_the_fixed_twin(name: str) -> None:
    found = checked(PAIRS / name / "fixed.py")
    assert [(one.place.line, one.code, one.message) for one in found.problems] == []
    assert found.over_budget == ()


@pytest.mark.parametrize("name", [name for name in NAMES if number(name) not in NOT_FOUND])
def test_the_bug_is_found_in_the_faulty_function(name: str) -> None:
    assert is_found(name)


@pytest.mark.parametrize("name", [name for name in NAMES if number(name) in NOT_FOUND])
def test_what_is_not_found_is_still_not_found(name: str) -> None:
    assert not is_found(name), f"{number(name)} is found: take it out of NOT_FOUND"


def test_there_are_pairs_of_each_category() -> None:
    categories = [json.loads((PAIRS / name / "meta.json").read_text())["category"] for name in NAMES]
    assert len(NAMES) >= 170
    assert len(set(categories)) == 27
    assert all(categories.count(one) >= 4 for one in categories)
    numbers = {number(name) for name in NAMES}
    assert numbers >= GIVEN
    assert numbers - GIVEN >= NOT_FOUND
