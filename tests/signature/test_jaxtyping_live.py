"""Annotations mean what they mean in jaxtyping: random ones, held against the jaxtyping that is installed."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import jaxtyping
import numpy as np
from hypothesis import event, example, given, settings
from hypothesis import strategies as st
from jaxtyping._storage import get_shape_memo, pop_shape_memo, push_shape_memo

from namedtorch.diagnostics import AnnotationError, DimError
from namedtorch.dims.bindings import Bindings
from namedtorch.dims.shape import Shape
from namedtorch.syntax.resolve import parse_shape
from tests.signature.deviations import DEVIATIONS

ATTRIBUTES = {"self": SimpleNamespace(size=2, cfg=SimpleNamespace(width=3)), "n": 3}

NAMES = st.sampled_from(["a", "b", "c", "foo", "in"])
LEAVES = st.one_of(
    st.sampled_from(["a", "b", "c", "foo"]),
    st.integers(0, 4).map(str),
    st.sampled_from(["{self.size}", "{self.cfg.width}", "{n}", "{ n }".replace(" ", "")]),
)


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def binary(parts: tuple[str, str, str, bool]) -> str:
        left, operator, right, grouped = parts
        return f"({left}{operator}{right})" if grouped else f"{left}{operator}{right}"

    operators = st.sampled_from(["+", "-", "*", "//", "%"])
    return st.one_of(
        st.tuples(inner, operators, inner, st.booleans()).map(binary),
        st.tuples(inner, st.sampled_from(["0", "1", "2", "3"]), st.booleans()).map(
            lambda parts: f"({parts[0]}**{parts[1]})" if parts[2] else f"{parts[0]}**{parts[1]}"
        ),
        st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(
            lambda parts: f"{parts[0]}({parts[1]},{parts[2]})"
        ),
        st.tuples(st.sampled_from("+-"), inner).map("".join),
        inner.map("({})".format),
    )


EXPRESSIONS = st.recursive(LEAVES, _compound, max_leaves=4)
MODIFIERS = st.sampled_from(
    ["", "", "", "", "#", "*", "_", "?", "#*", "*#", "_*", "*_", "#_", "**", "##", "__", "#*_", "?*"]
)
LABELS = st.sampled_from(["", "", "", "", "", "foo=", "_=", "_foo=", "d="])


@st.composite
def axes(draw: st.DrawFn) -> str:
    """One axis of jaxtyping's grammar, and now and then one that only looks like it."""
    if draw(st.integers(0, 9)) == 0:
        return draw(
            st.sampled_from(
                [
                    "...",
                    "_",
                    "-1",
                    "+2",
                    "#-1",
                    "a#",
                    "...a",
                    "_4",
                    "a,b",
                    "a=b=c",
                    "1_0",
                    "007",
                    "(a)",
                    "#(a)",
                    "a=...",
                    "*a+b",
                ]
            )
        )
    body = draw(st.one_of(NAMES, NAMES, st.integers(-1, 4).map(str), EXPRESSIONS))
    label = draw(LABELS)
    inner = draw(st.sampled_from(["", "", "#", "*", "_", "#*"])) if label else ""
    return draw(MODIFIERS) + label + inner + body


TEXTS = st.lists(axes(), max_size=3).map(" ".join)
SIZES = st.lists(st.sampled_from([0, 1, 1, 2, 3, 4]), max_size=3).map(tuple)
CHECKS = st.lists(st.tuples(TEXTS, SIZES), min_size=1, max_size=4)


@contextmanager
def scope() -> Iterator[None]:
    """One scope of jaxtyping's, as a call of a `@jaxtyped` function has it."""
    push_shape_memo(dict(ATTRIBUTES))
    try:
        yield
    finally:
        pop_shape_memo()


def theirs(text: str, sizes: tuple[int, ...]) -> str:
    """Jaxtyping's verdict: match, refuse, or error (of any kind)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # its evaluation of `2in` and the like
            held = isinstance(np.zeros(sizes), jaxtyping.Shaped[np.ndarray, text])
    except (ValueError, TypeError, SyntaxError, ArithmeticError, jaxtyping.AnnotationError):
        return "error"
    return "match" if held else "refuse"


def bound_there() -> dict[str, Any]:
    single, variadic, *_ = get_shape_memo()
    return {**single, **{f"*{name}": tuple(sizes) for name, (_, sizes) in variadic.items()}}


def parsed(text: str) -> Shape | None:
    try:
        return parse_shape(text)
    except AnnotationError:
        return None


def ours(shape: Shape | None, sizes: tuple[int, ...], bound: Bindings) -> tuple[str, Bindings]:
    try:
        return ("error", bound) if shape is None else ("match", shape.match(sizes, bound, ATTRIBUTES))
    except DimError:
        return "refuse", bound


@settings(max_examples=400)
@given(CHECKS)
@example([("#*b c", (2, 3, 4)), ("*#b", (1, 3)), ("*b", (2, 3))])
@example([("*foo", (3, 4)), ("#*foo", (4,)), ("_*foo foo", (1, 2, 7))])
@example([("#foo", (1,)), ("foo", (5,)), ("#foo foo+1 {self.size}", (1, 6, 2))])
@example([("foo=*b", (2, 3)), ("a=#c", (1,)), ("c #c-1", (3, 1)), ("(c)", (3,)), ("+c", (3,))])
@example([("*a", (2,)), ("#2*b", (1,)), ("#(a)", (1,)), ("-1", (1,))])
def test_a_sequence_of_checks_gives_the_same_verdicts(checks: list[tuple[str, tuple[int, ...]]]) -> None:
    """Until the first check that one of the listed deviations explains: from there on the bindings may differ."""
    with scope():
        bound = Bindings()
        for text, sizes in checks:
            there = theirs(text, sizes)
            shape = parsed(text)
            here, bound = ours(shape, sizes, bound)
            # An error there is a refusal here: a missing dim may come later, or another axis be told first.
            same = (there == "match") == (here == "match")
            if same and (there != "match" or dict(bound) == bound_there()):
                continue
            explained = [one for one in DEVIATIONS if one.explains(text, shape, there, here)]
            assert explained, (
                f"{text!r} {sizes}: {there} there, {here} here; {bound_there()} there, {dict(bound)} here"
            )
            event(explained[0].title)
            return


SINGLE = st.sampled_from(
    ["a", "b", "2", "0", "#a", "#b", "a+b", "2*a", "(a)", "a%2", "max(a,b)", "-a", "a//2", "a**2", "_"]
)


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(st.lists(SINGLE, max_size=3), st.sampled_from(["", "*g", "*#g", "..."])),
        min_size=1,
        max_size=4,
    ),
    st.data(),
)
def test_plain_annotations_deviate_nowhere(
    annotations: list[tuple[list[str], str]], data: st.DataObject
) -> None:
    """Without labels, two groups, Python and dims that come later there is nothing to explain."""
    with scope():
        first = (data.draw(st.integers(0, 3)), data.draw(st.integers(0, 3)))
        assert theirs("a b", first) == "match"
        bound = parse_shape("a b").match(first)
        for pieces, group in annotations:
            text = " ".join([*pieces, group]).strip()
            sizes = data.draw(SIZES)
            there = theirs(text, sizes)
            here, bound = ours(parse_shape(text), sizes, bound)
            assert there == here, (text, sizes)
            assert dict(bound) == bound_there()
