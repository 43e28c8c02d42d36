"""JSON out of a file that nobody vouches for: strict, and bounded before it is parsed."""

import json
import math
from typing import cast

LONGEST = 16 * 2**20
"""The most bytes that a document may have."""

_MOST_VALUES = 2_000_000
_DEEPEST = 128


def parse_document(data: bytes) -> object:
    """Parses one JSON document in UTF-8.

    Raises ValueError, with the end of a sentence that starts with what the document is ("is no JSON: ..."),
    for anything that is not plain JSON, and for more than 16 MiB, two million values or 128 levels. A key
    that stands twice in an object is refused: readers differ in which of the two they take. So are NaN,
    infinities and lone surrogates, which are not JSON or can't be printed.
    """
    if len(data) > LONGEST:
        raise ValueError(f"is too large ({len(data)} bytes, at most {LONGEST})")
    # Every value but the first of its container has a comma before it, every container a bracket: an upper
    # bound of what the parser would allocate, for the price of three passes over the bytes.
    if data.count(b",") + data.count(b"[") + data.count(b"{") > _MOST_VALUES:
        raise ValueError(f"holds too many values (over {_MOST_VALUES})")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 text (at byte {error.start})") from None
    try:
        document: object = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_number
        )
    except json.JSONDecodeError as error:
        raise ValueError(f"is no JSON ({error.msg} at character {error.pos})") from None
    except RecursionError:
        raise ValueError(f"is nested too deeply (over {_DEEPEST} levels)") from None
    except _Refused as error:
        raise ValueError(str(error)) from None
    except ValueError:
        # The one thing left that the parser raises: an integer of more digits than Python converts.
        raise ValueError("holds an integer that is too long") from None
    _check_tree(document)
    return document


class _Refused(Exception):
    """What a hook of the parser refuses; no ValueError, so that it is told from the parser's own."""


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise _Refused(f"has the key {key!a:.100} twice in one object")
        found[key] = value
    return found


def _constant(name: str) -> object:
    raise _Refused(f"holds {name}, which is no JSON")


def _number(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _Refused("holds a number that is too large")
    return number


def _check_tree(document: object) -> None:
    """Raises ValueError for a tree that is too deep, or that holds text which can't be written as UTF-8."""
    waiting: list[tuple[object, int]] = [(document, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > _DEEPEST:
            raise ValueError(f"is nested too deeply (over {_DEEPEST} levels)")
        if isinstance(value, str):
            _check_text(value)
        elif isinstance(value, list):
            waiting.extend((item, depth + 1) for item in cast("list[object]", value))
        elif isinstance(value, dict):
            for key, item in cast("dict[str, object]", value).items():
                _check_text(key)
                waiting.append((item, depth + 1))


def _check_text(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("holds half a character (a lone surrogate)") from None
