"""NamedTensors to strict type checkers: what users write has the types that it says, and mistakes are refused."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.typing import checkers
from tests.typing.checkers import ROOT, Finding, expected

HERE: Final = Path(__file__).parent
USES: Final = HERE / "named_uses.py"
SOURCES: Final = {
    path.name: path.read_text(encoding="utf-8") for path in (USES, HERE / "named_mistakes.py")
}
CHECKERS: Final = {"mypy": checkers.mypy, "pyright": checkers.pyright}


@pytest.fixture(scope="module", params=sorted(CHECKERS))
def checker(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def seen(checker: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[Finding]]:
    """What a checker says of all files."""
    return CHECKERS[checker](tmp_path_factory.mktemp(checker), SOURCES)


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_checkers_see_what_the_file_says(name: str, checker: str, seen: dict[str, set[Finding]]) -> None:
    assert sorted(seen[name]) == sorted(expected(SOURCES[name], checker))
