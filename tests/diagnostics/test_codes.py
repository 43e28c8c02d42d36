"""The table of codes, and the page made of it."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from namedtorch.diagnostics import CODES
from tests.diagnostics.errors_page import PAGE, page

ROOT = Path(__file__).parents[2] / "namedtorch"

FIELDS = {"argument", "dim", "axis", "expected", "actual"}

NOT_CODES = {
    "dist-packages",
    "fail-on",
    "force-exclude",
    "nearest-exact",
    "per-file-ignores",
    "site-packages",
}
"""Texts of the checker and of the table of operators that are written like codes."""


@pytest.mark.parametrize("name", CODES)
def test_a_code_is_kebab_case_and_has_a_title_a_sentence_and_a_page(name: str) -> None:
    code = CODES[name]
    assert code.name == name
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
    assert code.title.endswith(".")
    fields = {field for _, field, _, _ in string.Formatter().parse(code.message) if field is not None}
    assert fields <= FIELDS
    assert len(code.page) > 80
    assert all(len(line) <= 120 for line in code.page.splitlines())


@pytest.mark.parametrize("name", CODES)
def test_examples_come_in_pairs_and_stand_on_the_page(name: str) -> None:
    code = CODES[name]
    assert bool(code.wrong) == bool(code.right)
    for example in (code.wrong, code.right):
        assert all(line.strip() in code.page for line in example.splitlines())


def test_a_code_stands_in_the_table_once() -> None:
    written = list(_codes_in_table())
    assert sorted(written) == sorted(CODES)


def test_the_checker_and_the_operators_say_only_codes_of_the_table() -> None:
    found = {
        text
        for room in ("ops", "static")
        for path in (ROOT / room).rglob("*.py")
        for text in _kebab_texts(path)
    }
    assert found - set(CODES) == NOT_CODES & found
    assert {"contracted-dims-differ", "result-differs", "unused-ignore"} <= found


@pytest.mark.parametrize("name", ["contracted-dims-differ", "where-broken", "result-differs"])
def test_what_torch_refuses_or_an_annotation_forbids_is_an_error(name: str) -> None:
    assert CODES[name].severity == "error"


@pytest.mark.parametrize("name", ["view-moves-dims", "batch-normalized", "comment-differs", "unused-ignore"])
def test_what_torch_takes_is_a_warning(name: str) -> None:
    assert CODES[name].severity == "warning"


def test_the_page_of_errors_is_that_of_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python tests/diagnostics/errors_page.py"


def _codes_in_table() -> Iterator[str]:
    for path in (ROOT / "diagnostics").glob("codes_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Code", "Code.of_source"):
                assert isinstance(node.args[0], ast.Constant)
                yield str(node.args[0].value)


def _kebab_texts(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and re.fullmatch(r"[a-z]+(-[a-z]+)+", text):
            yield text
