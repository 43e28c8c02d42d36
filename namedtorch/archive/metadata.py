"""The user's own part of a manifest: labels, means; any JSON, bounded."""

import json
import math
import re
from collections.abc import Mapping
from typing import cast

from namedtorch.archive.sentence import one_line

MOST_BYTES = 2**20
"""The most bytes that metadata may have, as JSON without spaces."""

DEEPEST = 32
"""The most levels of objects and lists that metadata may have, its own among them."""

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_LEAST, _LARGEST = -(2**63), 2**64 - 1


def plain_metadata(value: object) -> dict[str, object]:
    """A copy of a user's mapping as plain JSON: dicts with keys of text, lists, text, numbers, True, False, None.

    Tuples become lists, subclasses of text and numbers (an enum's member, numpy's float64) plain ones. Raises
    ValueError, which names the place ("metadata.means[2] is NaN"), for what has no form in JSON, for integers of over
    64 bits, and for more than 1 MiB or 32 levels.
    """
    if not isinstance(value, Mapping):
        raise ValueError(f"metadata is {_kind(value)}, not an object: give a dict")
    found = cast("dict[str, object]", _Copy().plain(cast("object", value), "metadata", 1))
    size = len(json.dumps(found, separators=(",", ":"), allow_nan=False))
    if size > MOST_BYTES:
        raise ValueError(f"metadata is too large ({size} bytes as JSON, at most {MOST_BYTES})")
    return found


class _Copy:
    """One walk over the tree; counts the values, of which a small tree may hold any number by naming one twice."""

    def __init__(self) -> None:
        self._left = MOST_BYTES // 2

    def plain(self, value: object, path: str, level: int) -> object:
        self._left -= 1
        if self._left < 0:
            raise ValueError(f"metadata is too large (over {MOST_BYTES // 2} values)")
        match value:
            case None | True | False:
                return value
            case str():
                return _text(str.__str__(value), path)
            case int():
                number = int.__int__(value)
                if not _LEAST <= number <= _LARGEST:
                    raise ValueError(f"{path} is an integer of over 64 bits; write it as text")
                return number
            case float():
                return _number(float.__float__(value), path)
            case Mapping():
                _check_level(path, level)
                return {
                    _key(key, path): self.plain(item, _below(path, cast("str", key)), level + 1)
                    for key, item in cast("Mapping[object, object]", value).items()
                }
            case list() | tuple():
                _check_level(path, level)
                return [
                    self.plain(item, f"{path}[{place}]", level + 1)
                    for place, item in enumerate(cast("list[object]", value))
                ]
            case _:
                raise ValueError(f"{path} is {_kind(value)}, which JSON has no form for; {_instead(value)}")


def _check_level(path: str, level: int) -> None:
    if level > DEEPEST:
        raise ValueError(f"{one_line(path, 80)} is nested too deeply (over {DEEPEST} levels)")


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if _WORD.fullmatch(key) else f"{path}[{one_line(repr(key), 80)}]"


def _key(key: object, path: str) -> str:
    if not isinstance(key, str):
        raise ValueError(f"{path} has the key {one_line(repr(key), 80)}, but the keys of JSON are text")
    return _text(str.__str__(key), f"a key of {path}")


def _text(text: str, path: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError(f"{path} holds half a character (a lone surrogate)") from None
    return text


def _number(number: float, path: str) -> float:
    if not math.isfinite(number):
        problem = "NaN" if math.isnan(number) else "infinite"
        raise ValueError(
            f"{path} is {problem}, which JSON has no form for; leave it out, or write it as text"
        )
    return number


def _kind(value: object) -> str:
    kind = type(value)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return f"{'an' if name[:1] in 'aeiou' else 'a'} {one_line(name, 80)}"


def _instead(value: object) -> str:
    if hasattr(value, "tolist"):
        return "`.tolist()` makes numbers of it"
    return "give text, numbers, lists and dicts"
