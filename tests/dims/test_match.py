"""Matching one shape after the other: what binds, what is refused, and in which words."""

from itertools import permutations
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from namedtorch.diagnostics import DimError
from namedtorch.dims.bindings import Bindings
from namedtorch.dims.size import Size
from namedtorch.syntax.resolve import parse_shape

Given = dict[str, Any]
LAST = (60, 1, 15, 3)  # the strides of (2, 3, 4, 5) in channels_last

# The shape, the sizes, what is given ("self" and "{n}" as attributes), what is bound.
FITS: list[tuple[str, tuple[int, ...], Given, Given]] = [
    ("", (), {}, {}),
    ("N C", (8, 3), {}, {"N": 8, "C": 3}),
    ("N N", (2, 2), {}, {"N": 2}),
    ("N C=3", (8, 3), {}, {"N": 8, "C": 3}),
    ("3 _ _x", (3, 1, 2), {}, {}),
    ("0", (0,), {}, {}),
    ("C=D", (4,), {}, {"D": 4, "C": 4}),
    ("C=_", (4,), {}, {"C": 4}),
    # Groups: dims and groups are two namespaces.
    ("*b C", (3,), {}, {"*b": (), "C": 3}),
    ("*b C", (2, 5, 3), {}, {"*b": (2, 5), "C": 3}),
    ("C *b D", (2, 5, 3), {}, {"C": 2, "*b": (5,), "D": 3}),
    ("b *b", (4, 5), {}, {"b": 4, "*b": (5,)}),
    ("... C", (1, 2, 3), {}, {"C": 3}),
    ("*b C", (2, 5, 3), {"*b": (2, 5)}, {"*b": (2, 5), "C": 3}),
    # Broadcasting.
    ("#C", (1,), {}, {}),
    ("#C", (1,), {"C": 3}, {"C": 3}),
    ("#C", (3,), {}, {"C": 3}),
    ("#3", (1,), {}, {}),
    ("#C=3", (1,), {}, {}),
    ("#C=3", (3,), {}, {"C": 3}),
    ("#C=3", (1,), {"C": 5}, {"C": 5}),
    ("#C=D", (4,), {}, {"C": 4, "D": 4}),
    ("#C=D", (1,), {}, {}),
    ("#2*C", (1,), {}, {}),
    ("#2*C", (6,), {"C": 3}, {"C": 3}),
    ("*#b C", (1, 5, 3), {"*b": (2, 5)}, {"*b": (2, 5), "C": 3}),
    ("*#b C", (5, 3), {"*#b": (2, 1)}, {"*b": (2, 5), "C": 3}),
    ("*b C", (2, 5, 3), {"*#b": (1, 5)}, {"*b": (2, 5), "C": 3}),
    # Arithmetic, in any order.
    ("C 2*C", (3, 6), {}, {"C": 3}),
    ("2*C C", (6, 3), {}, {"C": 3}),
    ("a+1 a", (4, 3), {}, {"a": 3}),
    ("D=2*C C", (6, 3), {}, {"D": 6, "C": 3}),
    ("D C D=2*C", (6, 3, 6), {}, {"D": 6, "C": 3}),
    ("(C)", (3,), {"C": 3}, {"C": 3}),
    ("(H+2*1-1*(3-1)-1)//1+1 H", (7, 7), {}, {"H": 7}),
    ("C-C+2", (2,), {}, {}),
    ("min(T,64) T", (64, 100), {}, {"T": 100}),
    ("N self.k", (1, 4), {"self": {"k": 4}}, {"N": 1}),
    ("N self.cfg.k*2", (1, 8), {"self": {"cfg": {"k": 4}}}, {"N": 1}),
    ("N self.k", (1, 4), {"self.k": 4}, {"N": 1}),
    ("N {n}", (1, 4), {"n": 4}, {"N": 1}),
    ("N K={n}+1", (1, 5), {"n": 4}, {"N": 1, "K": 5}),
    # Flattened axes.
    ("(h w) h", (12, 3), {}, {"h": 3, "w": 4}),
    ("h (h w)", (3, 12), {}, {"h": 3, "w": 4}),
    ("(heads=8 d)", (128,), {}, {"heads": 8, "d": 16}),
    ("(_ 4)", (12,), {}, {}),
    ("(a b) (b c) c", (6, 15, 5), {}, {"c": 5, "b": 3, "a": 2}),
    ("(2*k w) k", (12, 3), {}, {"k": 3, "w": 2}),
    ("(h w)", (12,), {"h": 3, "w": 4}, {"h": 3, "w": 4}),
    ("(h w) w", (0, 3), {"h": 0}, {"h": 0, "w": 3}),
    ("(h w)", (0,), {"h": 4}, {"h": 4, "w": 0}),
    ("(self.k d)", (12,), {"self": {"k": 4}}, {"d": 3}),
    # Two groups.
    ("*a C *b", (2, 3, 4), {"C": 3}, {"C": 3, "*a": (2,), "*b": (4,)}),
    ("*a C *b", (5,), {}, {"C": 5, "*a": (), "*b": ()}),
    ("*a C *b", (2, 2, 2), {"*a": (2,)}, {"C": 2, "*a": (2,), "*b": (2,)}),
    ("*a C *b", (3, 3, 4), {"C": 3, "*b": (4,)}, {"C": 3, "*a": (3,), "*b": (4,)}),
    ("... 3 ...", (2, 3, 4), {}, {}),
    ("*a C=3 *b", (2, 3), {}, {"C": 3, "*a": (2,), "*b": ()}),
    ("*a C *b C", (2, 3, 4, 3), {}, {"C": 3, "*a": (2,), "*b": (4,)}),
    ("*a 2*C *b C", (2, 6, 4, 3), {}, {"C": 3, "*a": (2,), "*b": (4,)}),
    ("*a C D *b", (2, 3, 4), {"C": 3}, {"C": 3, "D": 4, "*a": (2,), "*b": ()}),
    ("*a #C *b", (2, 1, 4), {"C": 3}, {"C": 3, "*a": (2,), "*b": (4,)}),
    ("*a *b", (2, 3), {"*a": (2,)}, {"*a": (2,), "*b": (3,)}),
    ("N *a C *b D", (9, 2, 3, 4, 8), {"C": 3}, {"N": 9, "D": 8, "C": 3, "*a": (2,), "*b": (4,)}),
    # Constraints.
    ("H W where H == W", (3, 3), {}, {"H": 3, "W": 3}),
    ("H where H % K == 0", (6,), {"K": 3}, {"H": 6, "K": 3}),
    ("where self.k > 1", (), {"self": {"k": 2}}, {}),
]


def split(given: Given) -> tuple[Given, Given]:
    """What is given, as bindings and as attributes."""
    attributes = {key: value for key, value in given.items() if key in ("self", "n") or "." in key}
    return {key: value for key, value in given.items() if key not in attributes}, attributes


@pytest.mark.parametrize(("text", "sizes", "given", "bound"), FITS)
def test_a_tensor_that_fits_binds(text: str, sizes: tuple[int, ...], given: Given, bound: Given) -> None:
    bindings, attributes = split(given)
    matched = parse_shape(text).match(sizes, bindings, attributes)
    assert isinstance(matched, Bindings)
    assert dict(matched) == bound


# The shape, the sizes, what is given, the failures (code, dim, axis, expected, actual), the first line.
Fields = tuple[str, str | None, int | None, Any, Any]
FAILS: list[tuple[str, tuple[int, ...], Given, list[Fields], str]] = [
    (
        *("N C", (8, 3), {"C": 4}, [("dims-differ", "C", 1, 4, 3)]),
        "`x` has size 3 at axis 1, but `C` is 4 (bound by the bindings given)",
    ),
    (
        "N N",
        (2, 3),
        {},
        [("dims-differ", "N", 1, 2, 3)],
        "`x` has size 3 at axis 1, but `N` is 2 (axis 0 of `x`)",
    ),
    ("N C=3", (8, 4), {}, [("dims-differ", "C", 1, 3, 4)], "`x` has size 4 at axis 1, but `C` is 3"),
    (
        *("N C=3", (8, 3), {"C": 4}, [("dims-differ", "C", 1, 4, 3)]),
        "`x` has size 3 at axis 1, but `C` is 4 (bound by the bindings given)",
    ),
    ("N C=3", (8, 4), {"C": 4}, [("dims-differ", "C", 1, 3, 4)], "`x` has size 4 at axis 1, but `C` is 3"),
    (
        "N 3",
        (8, 4),
        {},
        [("size-differs", "3", 1, 3, 4)],
        "`x` has size 4 at axis 1, but the annotation says 3",
    ),
    (
        "-1",
        (1,),
        {},
        [("size-differs", "-1", 0, -1, 1)],
        "`x` has size 1 at axis 0, but the annotation says -1",
    ),
    (
        "C 2*C",
        (3, 7),
        {},
        [("size-differs", "2*C", 1, 6, 7)],
        "`x` has size 7 at axis 1, but `2*C` is 6 (C=3)",
    ),
    (
        "self.k",
        (4,),
        {"self": {"k": 5}},
        [("size-differs", "self.k", 0, 5, 4)],
        "`x` has size 4 at axis 0, but `self.k` is 5",
    ),
    (
        *("a//b", (4,), {"a": 1, "b": 0}, [("size-differs", None, None, None, None)]),
        "`x` has an annotation that divides by a size that is 0",
    ),
    ("N C", (8,), {}, [("rank-differs", None, None, 2, 1)], "`x` has rank 1, but `N C` has rank 2"),
    (
        "N C D *b",
        (8,),
        {},
        [("rank-differs", None, None, 3, 1)],
        "`x` has rank 1, but `N C D *b` has rank at least 3",
    ),
    ("N N 3", (8,), {"N": 2}, [("rank-differs", None, None, 3, 1)], "`x` has rank 1, but `N N 3` has rank 3"),
    (
        *("*b C", (2, 5, 3), {"*b": (2, 4)}, [("groups-differ", "*b", 0, (2, 4), (2, 5))]),
        "`x` has the sizes (2, 5) for `*b`, but `*b` is (2, 4) (bound by the bindings given)",
    ),
    (
        *("C *#b", (3, 4), {"*#b": (3,)}, [("groups-differ", "*#b", 1, (3,), (4,))]),
        "`x` has the sizes (4,) for `*#b`, but `*#b` is (3,) (bound by the bindings given)",
    ),
    ("2*C", (6,), {}, [("dim-unbound", "C", None, None, None)], "nothing binds `C` in the annotation of `x`"),
    ("(C)", (6,), {}, [("dim-unbound", "C", None, None, None)], "nothing binds `C` in the annotation of `x`"),
    (
        "#2*C",
        (2,),
        {},
        [("dim-unbound", "C", None, None, None)],
        "nothing binds `C` in the annotation of `x`",
    ),
    (
        "(h w)",
        (12,),
        {},
        [("dim-unbound", "h, w", None, None, None)],
        "nothing binds `h, w` in the annotation of `x`",
    ),
    (
        "H where K > 1",
        (3,),
        {},
        [("dim-unbound", "K", None, None, None)],
        "nothing binds `K` in the annotation of `x`",
    ),
    (
        *("(h w) h", (12, 5), {}, [("flattened-differs", "(h w)", 0, 5, 12)]),
        "`x` has size 12 at axis 0, but `(h w)` is a multiple of 5",
    ),
    (
        *("(h w)", (12,), {"h": 5, "w": 2}, [("flattened-differs", "(h w)", 0, 10, 12)]),
        "`x` has size 12 at axis 0, but `(h w)` is 10",
    ),
    (
        *("(h=3 w)", (12,), {"h": 4}, [("dims-differ", "h", 0, 4, 3)]),
        "`x` has `h`=3 in `(h=3 w)` at axis 0, but `h` is 4 (bound by the bindings given)",
    ),
    (
        *("*a C *b", (3, 3, 4), {"C": 3}, [("place-ambiguous", "C", None, None, "0, 1")]),
        "`x` has 2 places for `C` between its groups: axes 0, 1",
    ),
    (
        *("N *a C *b", (9, 2, 3), {}, [("place-ambiguous", "C", None, None, "1, 2")]),
        "`x` has 2 places for `C` between its groups: axes 1, 2",
    ),
    (
        *("*a *b", (2, 3), {}, [("place-ambiguous", "", None, None, "0, 1, 2")]),
        "`x` does not tell where `*a` ends: `*b` may begin at 0, 1, 2",
    ),
    (
        *("*a C *b", (2, 2), {"C": 3}, [("place-missing", "C", None, "C=3", (2, 2))]),
        "`x` has no axis for `C` between its groups: it needs C=3, and has the sizes (2, 2)",
    ),
    (
        *("*a C-4 *b", (2, 3), {"C": 3}, [("place-missing", "C-4", None, "C-4=-1", (2, 3))]),
        "`x` has no axis for `C-4` between its groups: it needs C-4=-1, and has the sizes (2, 3)",
    ),
    (
        *("C ?W", (3, 4), {}, [("each-outside-container", "W", None, None, None)]),
        "`?W` is bound anew for every element of a list, tuple or dict, and `x` is none",
    ),
    (
        *("H W where H == W", (3, 4), {}, [("where-broken", "H == W", None, None, "H=3 W=4")]),
        "`H == W` does not hold: H=3 W=4 (`H` is `x` at axis 0) (`W` is `x` at axis 1)",
    ),
    (
        *("H where H // K > 1", (3,), {"K": 0}, [("where-broken", "H//K > 1", None, None, "H=3 K=0")]),
        "`H//K > 1` does not hold: H=3 K=0 (`H` is `x` at axis 0)",
    ),
    (
        *(
            "... @ contiguous",
            (2, 3),
            {"strides": (1, 2)},
            [("memory-format-differs", "contiguous", None, None, (1, 2))],
        ),
        "`x` is not stored as `@ contiguous`: its strides are (1, 2)",
    ),
    (
        *("A B @ B A", (2, 3), {}, [("memory-format-differs", "B A", None, None, (3, 1))]),
        "`x` is not stored as `@ B A`: its strides are (3, 1), those of a contiguous tensor",
    ),
]


def refusal(text: str, sizes: tuple[int, ...], given: Given) -> DimError:
    bindings, attributes = split({key: value for key, value in given.items() if key != "strides"})
    with pytest.raises(DimError) as caught:
        parse_shape(text).match(sizes, bindings, attributes, given.get("strides"), argument="x")
    return caught.value


@pytest.mark.parametrize(("text", "sizes", "given", "fields", "message"), FAILS)
def test_a_tensor_that_does_not_fit_is_told_why(
    text: str, sizes: tuple[int, ...], given: Given, fields: list[Fields], message: str
) -> None:
    error = refusal(text, sizes, given)
    assert [(one.code, one.dim, one.axis, one.expected, one.actual) for one in error.failures] == fields
    assert error.failures[0].message == message
    assert str(error).startswith(message)
    assert all(one.argument == "x" for one in error.failures)


MISSING = [
    ("N self.k", {}, "self.k"),
    ("N self.k", {"self": {}}, "self.k"),
    ("N self.k", {"self": object()}, "self.k"),
    ("N self.k", {"self": {"k": "4"}}, "self.k"),
    ("N self.k", {"self": {"k": 4.0}}, "self.k"),
    ("N self.k", {"self": {"k": True}}, "self.k"),
    ("N (self.k d)", {}, "self.k"),
    ("N C where C > self.k", {}, "self.k"),
    ("*a {n} *b", {}, "{n}"),
    ("N {n}*2", {"n": None}, "{n}"),
]


@pytest.mark.parametrize(("text", "attributes", "path"), MISSING)
def test_an_attribute_that_is_no_integer_is_told(text: str, attributes: Given, path: str) -> None:
    error = refusal(text, (1, 4), attributes)
    assert [(one.code, one.dim) for one in error.failures] == [("attribute-missing", path)]
    assert f"`{path}`" in str(error)


def test_all_failures_are_told_at_once() -> None:
    error = refusal("N N 4 D where N > 5, D > 9", (2, 3, 5, 7), {"D": 8})
    assert [one.code for one in error.failures] == [
        *("size-differs", "dims-differ", "dims-differ", "where-broken", "where-broken"),
    ]
    assert str(error).startswith("5 things do not fit\n  1. ")


def test_one_cause_is_told_once() -> None:
    # Of a tensor of a wrong rank no axis is compared, and what it would have bound is no failure of its own.
    error = refusal("N C 3 D where D > 1", (9, 9), {"C": 4})
    assert [one.code for one in error.failures] == ["rank-differs"]
    # Another layout explains every axis of the tensor.
    error = refusal("N C=1 H=8 W=8", (450, 8, 8, 1), {})
    assert [one.code for one in error.failures] == ["dims-differ"]


def test_what_was_bound_before_leaves_out_the_failing_tensor() -> None:
    error = refusal("N C D", (2, 5, 7), {"D": 8})
    assert str(error).splitlines()[1:] == ['  x: "N C D" got (2, 5, 7)', "  bound before: D=8"]
    first = parse_shape("N C").match((2, 3), argument="a")
    with pytest.raises(DimError) as caught:
        parse_shape("K C").match((7, 4), first, argument="b")
    assert str(caught.value).splitlines() == [
        "`b` has size 4 at axis 1, but `C` is 3 (bound by `a` at axis 1)",
        '  b: "K C" got (7, 4)',
        "  bound before: N=2 C=3",
    ]


def test_who_bound_a_dim_is_the_first() -> None:
    bound = parse_shape("N C").match((2, 3), argument="a")
    bound = parse_shape("C *b").match((3, 5), bound, argument="b")
    assert str(bound.source("C")) == "`a` at axis 1"
    assert str(bound.source("*b")) == "`b`"


def test_a_failing_match_leaves_the_bindings_alone() -> None:
    bound = parse_shape("N").match((2,))
    with pytest.raises(DimError):
        parse_shape("C N").match((3, 4), bound)
    assert dict(bound) == {"N": 2}


# Elements of containers.


def test_a_dim_of_an_element_is_bound_anew() -> None:
    shape = parse_shape("C ?H 2*H")
    bound = shape.match((3, 4, 8), element="[0]")
    bound = shape.match((3, 5, 10), bound, element="[1]")
    assert dict(bound) == {"C": 3, "[0]?H": 4, "[1]?H": 5}
    with pytest.raises(DimError, match="`2\\*H` is 12"):
        shape.match((3, 6, 10), bound, element="[2]")
    with pytest.raises(DimError, match="`H` is 5"):
        shape.match((3, 6, 12), bound, element="[1]")


def test_a_dim_of_an_element_is_none_of_the_call() -> None:
    bound = parse_shape("H").match((9,))
    assert dict(parse_shape("?H *?b").match((4, 2), bound, element="[0]")) == {
        "H": 9,
        "[0]?H": 4,
        "*[0]?b": (2,),
    }


# What waits.


def test_what_lacks_a_dim_waits_if_told_to() -> None:
    bound = parse_shape("2*C").match((6,), wait=True)
    assert dict(bound) == {}
    assert len(bound.waiting) == 1
    assert dict(parse_shape("C").match((3,), bound)) == {"C": 3}
    with pytest.raises(DimError, match="`the tensor` has size 6 at axis 0, but `2\\*C` is 8"):
        parse_shape("C").match((4,), bound)
    with pytest.raises(DimError, match="nothing binds `C`"):
        parse_shape("D").match((4,), bound)


def test_two_groups_wait_for_what_places_them() -> None:
    bound = parse_shape("*a C *b").match((2, 3, 4), argument="t", wait=True)
    assert dict(bound) == {}
    assert dict(parse_shape("C").match((3,), bound)) == {"C": 3, "*a": (2,), "*b": (4,)}
    with pytest.raises(DimError, match="`t` has 3 places for `C`"):
        parse_shape("D").match((4,), bound)


SCENES = [
    [("*a C *b", (2, 3, 4)), ("C", (3,))],
    [("*a C *b", (2, 3, 4)), ("C", (5,))],
    [("2*C", (6,)), ("C", (3,)), ("D=C+1", (4,)), ("D", (4,))],
    [("2*C", (6,)), ("C", (3,)), ("D=C+1", (4,)), ("D", (5,))],
    [("(h w)", (12,)), ("(w k)", (20,)), ("h", (3,))],
    [("(h w)", (12,)), ("(w k)", (20,)), ("h", (5,))],
    [("*a C *b", (7,)), ("*b D *c", (5, 6)), ("D", (5,))],
    [("*a C *b", (7,)), ("*b D *c", (5, 6))],
    [("*#b", (2, 1)), ("*#b", (5,)), ("*b", (2, 5))],
    [("*#b", (2, 1)), ("*#b", (5,)), ("*b", (2, 4))],
    [("#C", (1,)), ("C", (4,)), ("#C", (4,))],
    [("#C=3", (1,)), ("C", (4,))],
    [("#C=3", (3,)), ("C", (4,))],
    [("#D=2*C", (1,)), ("D", (7,)), ("C", (2,))],
    [("N where N > M", (3,)), ("M", (2,))],
    [("N where N > M", (3,)), ("M", (4,))],
    [("x=y", (3,)), ("y=z", (3,)), ("z", (3,))],
    [("x=y", (3,)), ("y=z", (3,)), ("z", (4,))],
    [("a+b", (5,)), ("a", (2,)), ("b*a", (6,)), ("b", (3,))],
]


@pytest.mark.parametrize("scene", SCENES)
def test_the_order_of_matches_does_not_matter(scene: list[tuple[str, tuple[int, ...]]]) -> None:
    def verdict(order: list[tuple[str, tuple[int, ...]]]) -> object:
        bound = Bindings()
        try:
            for text, sizes in order:
                bound = parse_shape(text).match(sizes, bound, wait=True)
            return dict(parse_shape("").match((), bound))
        except DimError:
            return "refused"

    verdicts = [verdict(list(order)) for order in permutations(scene)]
    assert all(one == verdicts[0] for one in verdicts)


SMALL = st.sampled_from([0, 1, 1, 2, 3, 4])
PIECES = st.sampled_from(
    [
        "a",
        "b",
        "c",
        "a",
        "b",
        "#a",
        "#b",
        "2*a",
        "a+b",
        "d=2*b",
        "(a b)",
        "(a 2)",
        "*g",
        "*#g",
        "*h",
        "...",
        "2",
        "#d=3",
        "a=b",
    ]
)


@settings(max_examples=200)
@given(st.data())
def test_any_order_gives_one_verdict(data: st.DataObject) -> None:
    scene: list[tuple[str, tuple[int, ...]]] = []
    for _ in range(data.draw(st.integers(2, 4))):
        pieces = data.draw(st.lists(PIECES, min_size=1, max_size=3))
        sizes = tuple(data.draw(st.lists(SMALL, min_size=len(pieces) - 1, max_size=len(pieces) + 1)))
        if sum(piece.startswith(("*", "...")) for piece in pieces) <= 1:
            scene.append((" ".join(pieces), sizes))

    def verdict(order: list[tuple[str, tuple[int, ...]]]) -> object:
        bound = Bindings()
        try:
            for one, sizes in order:
                bound = parse_shape(one).match(sizes, bound, wait=True)
            return dict(parse_shape("").match((), bound))
        except DimError:
            return "refused"

    assert verdict(scene) == verdict(data.draw(st.permutations(scene))), scene


# Memory formats, against torch itself.

FORMATS = [
    ("N C H W @ channels_last", torch.channels_last),
    ("N C D H W @ channels_last_3d", torch.channels_last_3d),
    ("... @ contiguous", torch.contiguous_format),
    ("N C H W @ N H W C", torch.channels_last),
    ("N C H W @ N C H W", torch.contiguous_format),
]


@settings(max_examples=150)
@given(st.data())
def test_memory_formats_are_those_of_torch(data: st.DataObject) -> None:
    text, memory_format = data.draw(st.sampled_from(FORMATS))
    rank = 5 if "3d" in text else 4
    sizes = data.draw(st.lists(st.sampled_from([1, 2, 3]), min_size=rank, max_size=rank))
    made = torch.empty(sizes).permute(data.draw(st.permutations(range(rank))))
    if data.draw(st.booleans()):
        made = made[..., : data.draw(st.integers(1, made.shape[-1]))]
    if data.draw(st.booleans()):
        made = made.contiguous(memory_format=memory_format)
    try:
        parse_shape(text).match(made.shape, strides=made.stride())
        held = True
    except DimError:
        held = False
    assert held == made.is_contiguous(memory_format=memory_format)


@given(st.sampled_from(["C", "2*C", "C+D", "C*D-1", "max(C,D)"]), SMALL, SMALL, SMALL)
def test_an_axis_is_what_arithmetic_gives(text: str, c: int, d: int, actual: int) -> None:
    shape = parse_shape(f"({text})")
    (axis,) = shape.axes
    size = getattr(axis, "size", None)
    assert isinstance(size, Size)
    try:
        shape.match((actual,), {"C": c, "D": d})
        held = True
    except DimError:
        held = False
    assert held == (size.evaluate({"C": c, "D": d}) == actual)
