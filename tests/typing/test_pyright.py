"""What a strict type checker sees of a user's annotations: held against the expectations written in the file."""

from pathlib import Path

import pytest

from tests.typing.checkers import Finding, expected, pyright

USER_MODEL = Path(__file__).with_name("user_model.py")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> set[Finding]:
    """All that pyright says of the user's file."""
    return pyright(tmp_path_factory.mktemp("user"), {"user.py": USER_MODEL.read_text()})["user.py"]


def test_a_type_checker_sees_what_the_file_says(seen: set[Finding]) -> None:
    assert sorted(seen) == sorted(expected(USER_MODEL.read_text()))


def test_every_kind_of_expectation_is_used() -> None:
    kinds = {said.split(":")[0] for _, said in expected(USER_MODEL.read_text())}
    assert kinds == {"revealed", "error"}


def test_a_wrong_expectation_fails(seen: set[Finding]) -> None:
    source = USER_MODEL.read_text()
    wrong = source.replace("# revealed: Tensor\n", "# revealed: Any\n", 1)
    missing = source.replace("  # error: [reportArgumentType]", "", 1)
    assert wrong != source
    assert missing != source
    assert len(expected(wrong) - seen) == 1
    assert len(seen - expected(missing)) == 1
