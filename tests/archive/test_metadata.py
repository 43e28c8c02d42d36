"""The user's JSON: what is taken, what is refused, and where in it."""

import enum
import json
from collections import OrderedDict
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from namedtorch.archive.metadata import DEEPEST, MOST_BYTES, plain_metadata


class Split(enum.StrEnum):
    TRAIN = "train"


class Level(enum.IntEnum):
    HIGH = 3


def nested(levels: int) -> Any:
    """An object of so many levels, itself the first."""
    value: Any = 0
    for _ in range(levels - 1):
        value = [value]
    return {"a": value}


def laughs() -> Any:
    """A small tree that stands for one of 2**60 values."""
    value: list[Any] = [1]
    for _ in range(20):
        value = [value] * 8
    return {"a": value}


def cycle() -> Any:
    value: list[Any] = []
    value.append(value)
    return {"a": value}


TAKEN = [
    ({}, {}),
    ({"labels": ("cat", "dog")}, {"labels": ["cat", "dog"]}),
    ({"means": [0.5, 1, True, None]}, {"means": [0.5, 1, True, None]}),
    ({"split": Split.TRAIN, "level": Level.HIGH}, {"split": "train", "level": 3}),
    ({"std": np.float64(0.25)}, {"std": 0.25}),
    (OrderedDict(a=MappingProxyType({"b": []})), {"a": {"b": []}}),
    ({"": {"ä b": "\n\0"}}, {"": {"ä b": "\n\0"}}),
    ({"n": -(2**63), "m": 2**64 - 1}, {"n": -(2**63), "m": 2**64 - 1}),
    (nested(DEEPEST), nested(DEEPEST)),
    ({"a": "x" * (MOST_BYTES - 8)}, {"a": "x" * (MOST_BYTES - 8)}),
]


@pytest.mark.parametrize(("given", "plain"), TAKEN, ids=range(len(TAKEN)))
def test_takes_plain_json_and_what_is_as_good_as_it(given: Any, plain: Any) -> None:
    found = plain_metadata(given)
    assert found == plain
    assert repr(found) == repr(plain)
    assert json.loads(json.dumps(found)) == plain


REFUSED: list[tuple[Any, str]] = [
    ([], "metadata is a list, not an object: give a dict"),
    (None, "metadata is a NoneType, not an object: give a dict"),
    (
        {"means": [0.1, 0.2, float("nan")]},
        "metadata.means[2] is NaN, which JSON has no form for; leave it out, or write it as text",
    ),
    (
        {"a": {"b c": -float("inf")}},
        "metadata.a['b c'] is infinite, which JSON has no form for; leave it out, or write it as text",
    ),
    (
        {"means": np.zeros(3)},
        "metadata.means is a numpy.ndarray, which JSON has no form for; `.tolist()` makes numbers of it",
    ),
    (
        {"means": [np.float32(1)]},
        "metadata.means[0] is a numpy.float32, which JSON has no form for; `.tolist()` makes numbers of it",
    ),
    (
        {"labels": {"cat"}},
        "metadata.labels is a set, which JSON has no form for; give text, numbers, lists and dicts",
    ),
    (
        {"raw": b"x"},
        "metadata.raw is a bytes, which JSON has no form for; give text, numbers, lists and dicts",
    ),
    (
        {"x": 1j},
        "metadata.x is a complex, which JSON has no form for; give text, numbers, lists and dicts",
    ),
    ({"classes": {0: "cat"}}, "metadata.classes has the key 0, but the keys of JSON are text"),
    ({"id": 2**64}, "metadata.id is an integer of over 64 bits; write it as text"),
    ({"id": -(2**63) - 1}, "metadata.id is an integer of over 64 bits; write it as text"),
    ({"id": 10**5000}, "metadata.id is an integer of over 64 bits; write it as text"),
    ({"x": "\ud800"}, "metadata.x holds half a character (a lone surrogate)"),
    ({"\ud800": 1}, "a key of metadata holds half a character (a lone surrogate)"),
    (nested(DEEPEST + 1), f"metadata.a{'[0]' * 22}[... is nested too deeply (over 32 levels)"),
    (
        {"a": "x" * (MOST_BYTES - 7)},
        f"metadata is too large ({MOST_BYTES + 1} bytes as JSON, at most {MOST_BYTES})",
    ),
    ({"a": "\u732b" * 200_000}, f"metadata is too large (1200008 bytes as JSON, at most {MOST_BYTES})"),
    (laughs(), f"metadata is too large (over {MOST_BYTES // 2} values)"),
    (cycle(), f"metadata.a{'[0]' * 22}[... is nested too deeply (over 32 levels)"),
]


@pytest.mark.parametrize(("given", "text"), REFUSED, ids=range(len(REFUSED)))
def test_says_what_is_no_json_and_where(given: Any, text: str) -> None:
    with pytest.raises(ValueError, match="metadata") as caught:
        plain_metadata(given)
    assert str(caught.value) == text


def test_a_hostile_key_is_shown_in_part() -> None:
    with pytest.raises(ValueError, match="NaN") as caught:
        plain_metadata({"\x1b[2J" + "k" * 10_000: float("nan")})
    assert len(str(caught.value)) < 200
    assert str(caught.value).isprintable()
