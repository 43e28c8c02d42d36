"""Named tensors over real process groups of two and four ranks; the checks themselves stand in `ranks/`."""

from pathlib import Path

import pytest

from tests.values.ranks import collectives, modules, page, tensors, training
from tests.values.ranks.group import outcomes

TWO = {one.__name__: one for room in (tensors, modules, collectives, training, page) for one in room.TWO}
FOUR = {one.__name__: one for room in (tensors, modules, collectives) for one in room.FOUR}


@pytest.fixture(scope="module")
def of_two(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What two ranks say of each check."""
    return outcomes(TWO, 2, tmp_path_factory.mktemp("two"))


@pytest.fixture(scope="module")
def of_four(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What four ranks say of each check."""
    return outcomes(FOUR, 4, tmp_path_factory.mktemp("four"))


@pytest.mark.parametrize("check", TWO)
def test_two_ranks(of_two: dict[str, list[str]], check: str) -> None:
    assert of_two[check] == ["", ""], "\n".join(of_two[check])


@pytest.mark.parametrize("check", FOUR)
def test_four_ranks(of_four: dict[str, list[str]], check: str) -> None:
    assert of_four[check] == [""] * 4, "\n".join(of_four[check])


def _fails() -> None:
    raise AssertionError("this does not hold")


def _holds() -> None:
    pass


def test_a_check_that_fails_is_told(tmp_path: Path) -> None:
    said = outcomes({"fails": _fails, "holds": _holds}, 1, tmp_path)
    assert "this does not hold" in said["fails"][0]
    assert said["holds"] == ["not run: `fails` failed before it"]
