"""Texts from strangers: refused fast, and never by anything but an AnnotationError."""

import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namedtorch.diagnostics import AnnotationError, Failure
from namedtorch.signature.text import parse_signature
from namedtorch.syntax.parse import MAX_LENGTH
from namedtorch.syntax.resolve import parse_shape
from tests.syntax.strategies import NOISE, SNIPPETS, TEXTS

LENGTH = MAX_LENGTH - 10

REFUSED = {
    "too long": ("a" * (MAX_LENGTH + 1), "at most 10000 are read"),
    "parentheses": ("(" * 1000 + "a" + ")" * 1000, "nest deeper than 50"),
    "parentheses alone": ("(" * LENGTH, "nest deeper than 50"),
    "signs": ("-" * LENGTH + "1", "nests deeper than 200"),
    "tower": ("a" + "**64" * 200, "64 bits"),
    "powers": ("((((a+b)**64+c)**64+d)**64)", "terms"),
    "power of a power": ("2**64**64", "64"),
    "big exponent": ("a**65", "64"),
    "digits": ("9" * LENGTH, "64 bits"),
    "product": ("*".join(f"(a{i}+b{i})" for i in range(60)), "128 terms"),
    "minimum": ("min(" + ",".join(f"a{i}" for i in range(1500)) + ")", "more than"),
    "nested minima": ("min(" * 49 + "a" + ")" * 49, "`min` takes two or more sizes"),
    "groups": ("*a " * 3000, "at most two groups"),
    "modifiers": ("#*" * 4000 + "a", "stands twice"),
    "braces": ("{" * LENGTH, "does not fit here"),
    "commas": ("a," * 4900, "does not fit here"),
    "spaces": ("N" + " " * LENGTH + "!", "does not fit here"),
    "labels": ("a=" * 4900, "does not fit here"),
    "wheres": ("where " * 1600, "does not fit here"),
    "zeros": ("\0" * LENGTH, r"U\+0000"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bomb_is_refused_fast(name: str) -> None:
    text, reason = REFUSED[name]
    started = time.process_time()
    with pytest.raises(AnnotationError, match=reason):
        parse_shape(text)
    with pytest.raises(AnnotationError):
        parse_signature(f"x: {text} -> N" if len(text) < LENGTH else text)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "text",
    ["1+" * 4900 + "1", "a%" * 3000 + "b", "a " * 4900, "N where " + "<".join(["N"] * 3000), "é" * LENGTH],
)
def test_a_long_text_is_read_fast(text: str) -> None:
    started = time.process_time()
    try:
        shape = parse_shape(text)
        assert parse_shape(str(shape)) == shape
    except AnnotationError:
        pass
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "text",
    [
        "N" + " " * 380 + "!",
        "x: " * 130,
        "a, " * 130,
        "-> " * 130,
        "@ " * 190,
        "{a" * 190,
        "N =" + " " * 390,
        "'" * 390,
    ],
)
def test_no_pattern_of_the_table_takes_long(text: str) -> None:
    for parse in (parse_shape, parse_signature):
        started = time.process_time()
        with pytest.raises(AnnotationError):
            parse(text)
        assert time.process_time() - started < 0.5


@settings(max_examples=400)
@given(st.one_of(NOISE, SNIPPETS, TEXTS, st.text(max_size=30)))
def test_no_text_raises_anything_else(text: str) -> None:
    for parse in (parse_shape, parse_signature):
        failures: Sequence[Failure] = ()
        try:
            parse(text)
        except AnnotationError as error:
            failures = error.failures
        assert all(failure.code == "bad-annotation" and failure.message for failure in failures)
