"""The parser's checked-in tables are those of the grammar."""

import json

import lark
import pytest

from namedtorch import parse_shape
from namedtorch.syntax import parse, table

TEXTS = ["N C=3 H W where H >= 7", "*a (h=2 d) #C 2*C//3", "N C H W @ channels_last", ""]


def test_the_tables_are_of_this_grammar() -> None:
    assert table.stored() is not None, "run: python -m namedtorch.syntax.table"


def test_another_grammar_or_lark_is_not_read_from_them(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [parse_shape(text) for text in TEXTS]
    monkeypatch.setattr(lark, "__version__", "0.0.1")
    assert table.stored() is None
    parse._parser.cache_clear()
    try:
        assert [parse_shape(text) for text in TEXTS] == expected
    finally:
        parse._parser.cache_clear()


def test_what_is_made_can_be_stored() -> None:
    content = json.loads(table.made())
    assert content["made_by"][0] == lark.__version__
    assert content["tables"]["data"]["parser"]
