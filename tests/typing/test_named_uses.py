"""NamedTensors to strict type checkers: what users write has the types that they say, and mistakes are refused."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

import namedtorch
from tests.typing import checkers
from tests.typing.checkers import ROOT, STUB, Finding, expected

HERE: Final = Path(__file__).parent
PAGE: Final = ROOT / "docs" / "type-checkers.md"
CHECKERS: Final = {"mypy": checkers.mypy, "pyright": checkers.pyright}

_BLOCK: Final = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_RUN: Final = re.compile(r"^Runtime type is '(.*)'$", re.MULTILINE)


def page_program() -> str:
    """The blocks of the page as one program, each line where it stands there."""
    text = PAGE.read_text(encoding="utf-8")
    lines = [""] * len(text.splitlines())
    for block in _BLOCK.finditer(text):
        start = text.count("\n", 0, block.start(1))
        lines[start : start + block[1].count("\n")] = block[1].splitlines()
    return "\n".join(lines) + "\n"


SOURCES: Final = {
    "named_uses.py": (HERE / "named_uses.py").read_text(encoding="utf-8"),
    "named_mistakes.py": (HERE / "named_mistakes.py").read_text(encoding="utf-8"),
    "page.py": page_program(),
    # A type that is partly unknown is an error where its name is imported.
    "names.py": "".join(f"from namedtorch import {name} as {name}\n" for name in namedtorch.__all__),
}
EXAMPLES: Final = {
    name: (ROOT / "examples" / name).read_text(encoding="utf-8")
    for name in ("multihead_attention.py", "normalize_any_layout.py")
}


@pytest.fixture(scope="module", params=sorted(CHECKERS))
def checker(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def seen(checker: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[Finding]]:
    """What a checker says of all files."""
    return CHECKERS[checker](tmp_path_factory.mktemp(checker), SOURCES | EXAMPLES)


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_a_checker_sees_what_the_file_says(name: str, checker: str, seen: dict[str, set[Finding]]) -> None:
    assert sorted(seen[name]) == sorted(expected(SOURCES[name], checker))


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_checker_takes_the_examples(name: str, seen: dict[str, set[Finding]]) -> None:
    # torch leaves `manual_seed` and the like partly without types.
    found = [one for one in seen[name] if one[1] != "error: reportUnknownMemberType"]
    assert found == []


def test_mypy_takes_the_stub_itself(checker: str, seen: dict[str, set[Finding]]) -> None:
    assert seen.get(STUB.name, set()) == set()
    assert (STUB.name in seen) == (checker == "mypy")


def test_every_kind_of_expectation_is_used() -> None:
    kinds = {said.split(":")[0] for source in SOURCES.values() for _, said in expected(source)}
    assert kinds == {"revealed", "error"}


def test_a_wrong_expectation_fails(checker: str, seen: dict[str, set[Finding]]) -> None:
    source = SOURCES["named_uses.py"]
    wrong = source.replace("x.dim())  # revealed: int", "x.dim())  # revealed: Any")
    assert wrong != source
    assert len(expected(wrong, checker) - seen["named_uses.py"]) == 1


def test_values_have_the_types_that_checkers_see() -> None:
    finished = _run(SOURCES["named_uses.py"])
    assert finished.returncode == 0, finished.stderr
    inferred = [said for _, said in sorted(expected(SOURCES["named_uses.py"]))]
    kinds = [re.match(r"revealed: (\w+)", said) for said in inferred]
    assert _RUN.findall(finished.stderr) == [kind and kind[1] for kind in kinds]
    assert len(kinds) > 100


def test_the_page_runs_but_for_what_its_checks_refuse() -> None:
    program = re.sub(
        r"^(centred\(x\.tensor\)|x\.sum\(1\.5\)) .*$", "", SOURCES["page.py"], flags=re.MULTILINE
    )
    finished = _run(program)
    assert finished.returncode == 0, finished.stderr


def _run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, cwd=ROOT
    )
