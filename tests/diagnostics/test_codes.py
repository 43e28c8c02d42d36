"""The table of codes, and the page made of it."""

import re
import string

import pytest

from namedtorch.diagnostics import CODES
from tests.diagnostics.errors_page import PAGE, page

FIELDS = {"argument", "dim", "axis", "expected", "actual"}


@pytest.mark.parametrize("name", CODES)
def test_a_code_is_kebab_case_and_has_a_title_a_sentence_and_a_page(name: str) -> None:
    code = CODES[name]
    assert code.name == name
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", name)
    assert code.title.endswith(".")
    fields = {field for _, field, _, _ in string.Formatter().parse(code.message) if field is not None}
    assert fields <= FIELDS
    assert len(code.page) > 80
    assert all(len(line) <= 120 for line in code.page.splitlines())


def test_the_page_of_errors_is_that_of_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python tests/diagnostics/errors_page.py"
