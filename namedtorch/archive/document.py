"""JSON out of a file that nobody vouches for: strict, and bounded before it is parsed."""

import json
import math
from collections.abc import Iterable
from typing import cast

LONGEST = 16 * 2**20
"""The most bytes that a document may have."""

_MOST_VALUES = 2_000_000
_DEEPEST = 128
_CONTAINERS = (dict, list)


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
    _check_depth(document)
    # Half a character can't stand in UTF-8; an escape alone makes one.
    if b"\\ud" in data or b"\\uD" in data:
        _check_text(document)
    return document


class _Refused(Exception):
    """What a hook of the parser refuses; no ValueError, so that it is told from the parser's own."""


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise _Refused(f"has the key {twice!a:.100} twice in one object")
    return found


def _constant(name: str) -> object:
    raise _Refused(f"holds {name}, which is no JSON")


def _number(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _Refused("holds a number that is too large")
    return number


def _check_depth(document: object) -> None:
    level = [document]
    for _ in range(_DEEPEST):
        level = [item for value in level for item in _items(value) if type(item) in _CONTAINERS]
        if not level:
            return
    raise ValueError(f"is nested too deeply (over {_DEEPEST} levels)")


def _items(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return cast("dict[str, object]", value).values()
    return cast("list[object]", value) if isinstance(value, list) else ()


def _check_text(document: object) -> None:
    """Raises ValueError for text that can't be written as UTF-8."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        waiting.extend(_items(value))
        if isinstance(value, dict):
            waiting.extend(cast("dict[str, object]", value))
        if isinstance(value, str):
            try:
                value.encode("utf-8")
            except UnicodeEncodeError:
                raise ValueError("holds half a character (a lone surrogate)") from None
