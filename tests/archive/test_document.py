"""JSON that nobody vouches for."""

import json
import re

import pytest

from namedtorch.archive.document import LONGEST, parse_document

REFUSED = [
    (b"", "is no JSON (Expecting value at character 0)"),
    (b'{"a": 1', "is no JSON (Expecting ',' delimiter at character 7)"),
    (b"{'a': 1}", "is no JSON (Expecting property name enclosed in double quotes at character 1)"),
    (b'{"a": 1, "a": 2}', "has the key 'a' twice in one object"),
    (b'{"a": {"b": 1, "b": 1}}', "has the key 'b' twice in one object"),
    (b'{"a": NaN}', "holds NaN, which is no JSON"),
    (b'{"a": -Infinity}', "holds -Infinity, which is no JSON"),
    (b"1e999", "holds a number that is too large"),
    (b"9" * 5000, "holds an integer that is too long"),
    (b'"\\ud800"', "holds half a character (a lone surrogate)"),
    (b'{"\\udfff": 1}', "holds half a character (a lone surrogate)"),
    (b'{"a": "\xff"}', "is not UTF-8 text (at byte 7)"),
    (json.dumps({"a": 1}).encode("utf-16"), "is not UTF-8 text (at byte 0)"),
    (b"[" * 200 + b"]" * 200, "is nested too deeply (over 128 levels)"),
    (b"[" * 2_000_000, "is nested too deeply (over 128 levels)"),
    (b"[" + b"0," * 2_000_000 + b"0]", "holds too many values (over 2000000)"),
    (b" " * (LONGEST + 1), f"is too large ({LONGEST + 1} bytes, at most {LONGEST})"),
]


@pytest.mark.parametrize(("data", "text"), REFUSED, ids=[text for _, text in REFUSED])
def test_refuses_what_is_no_plain_json(data: bytes, text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)) as caught:
        parse_document(data)
    assert str(caught.value) == text


def test_a_key_that_is_twice_there_is_shown_in_part() -> None:
    key = "k" * 5000
    with pytest.raises(ValueError, match="twice") as caught:
        parse_document(f'{{"{key}": 1, "{key}": 1}}'.encode())
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("value", [{}, [], "ä\n", 1, -1.5, True, None, {"a": [1, {"b": []}]}])
def test_reads_plain_json(value: object) -> None:
    assert parse_document(json.dumps(value).encode()) == value
    assert parse_document(json.dumps(value, ensure_ascii=False).encode()) == value
