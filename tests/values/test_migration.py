"""Everything that the page on migration says is so."""

import re
from typing import Any

import pytest

from namedtorch import NamedTensor
from tests.values.migration_page import PAGE, Row, blocks, expectations, given, rows

TEXT = PAGE.read_text(encoding="utf-8")
ROWS = rows(TEXT)
FIRST, *OTHERS = blocks(TEXT)

API = (
    "names", "has_names", "rename", "rename_", "refine_names", "align_to", "align_as", "flatten", "unflatten", "size",
)  # fmt: skip
"""What torch 2.12 had for named tensors."""


def names() -> dict[str, Any]:
    """What the code of the page uses, made anew."""
    found: dict[str, Any] = {}
    exec(FIRST, found)
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
def test_row(row: Row) -> None:
    assert given(row.code, names()) == row.gives


def test_no_line_of_a_table_is_left_out() -> None:
    lines = [
        one
        for one in TEXT.splitlines()
        if one.startswith("| ") and not one.startswith(("| torch 2.12", "| rule"))
    ]
    assert len(lines) == len(ROWS) > 50


def test_every_call_of_the_api_is_in_the_tables() -> None:
    for name in API:
        assert any(re.search(rf"\bx\.{name}\b|\bhalf\.{name}\b|\bmean\.{name}\b", row.old) for row in ROWS), (
            name
        )
        assert hasattr(NamedTensor, name)


@pytest.mark.parametrize("block", OTHERS, ids=lambda block: block.splitlines()[0])
def test_block(block: str) -> None:
    found = names()
    exec(block, found)
    told = list(expectations(block))
    assert told
    for code, expected in told:
        assert repr(eval(code, found)) == expected


def test_a_wrong_page_fails() -> None:
    with pytest.raises(AssertionError):
        test_row(Row("", 'x.sum("C")', "N C W", ""))
    with pytest.raises(AssertionError):
        test_row(Row("", 'x.sum("C")', "refused", ""))
    with pytest.raises(AssertionError):
        test_block("x.ndim  # 5\n")
