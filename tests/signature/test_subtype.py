"""Whether a signature can stand in the place of another: by table, and against the matcher on every small call."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Optional, Union

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

from namedtorch import Float, Int, Num
from namedtorch.diagnostics import AnnotationError
from namedtorch.signature.function import signature_of
from namedtorch.signature.plain_types import takes
from namedtorch.signature.signature import Signature
from namedtorch.signature.subtype import misfits
from namedtorch.signature.text import parse_signature
from tests.signature.calls_by_size import Pair, counterexample, draw_pair


def wrong(old: Signature, new: Signature) -> list[str]:
    return misfits(old, new, caller="`expect`", model="the model")


# What a caller was written for, and what can stand in its place.
FITS = [
    # Names of dims do not matter, labels do not, and what is fixed may have been free.
    ("image: N C=3 H W -> N 10", "image: N C=3 H W -> N classes=10"),
    ("image: N C=3 H W -> N 10", "image: batch 3 h w -> batch classes=10"),
    ("image: N C=3 H W -> N 10", "image: N C H W -> N 10"),
    ("image: N C=3 H W -> N classes", "image: N C H W -> N classes=10"),
    ("image: N C=3 H W -> N 10", "image: N _ H W -> N 10"),
    # Fewer equalities and constraints on arguments, more on results.
    ("x: N C, y: N C -> N", "x: A B, y: C D -> A"),
    ("x: A B, y: C D -> A where A == C, B == D", "x: N C, y: N C -> N"),
    ("image: N C=3 high W -> N 10 where high >= 64", "image: N C=3 H W -> N 10 where H >= 32"),
    ("x: N M -> N where N < M, M < 10", "x: N M -> N where N < 9"),
    ("x: N -> N where N >= 2", "x: N -> N where N*N >= N+2"),
    ("x: N -> M where M > 0", "x: N -> M where M > 3"),
    # Groups and broadcasting.
    ("x: *batch C -> *batch C", "x: *b K -> *b K"),
    ("x: N T C -> N T C", "x: *b K -> *b K"),
    ("x: 2 3 -> 2", "x: ... -> 2"),
    ("x: N C, y: C -> N C", "x: N C, y: #C -> N C"),
    ("x: N C, y: #C -> N C", "x: N C, y: #C -> N C"),
    ("x: *#b C, y: *#b C -> C", "x: *#a K, y: *#a K -> K"),
    ("x: *b C, y: *b C -> C", "x: *#a K, y: *#a K -> K"),
    ("x: *a C *b, m: C -> *a C *b", "x: *a K *b, m: K -> *a K *b"),
    # Arithmetic.
    ("x: N C, y: 2*C -> N C", "x: N K, y: K+K -> N K"),
    ("x: N C, y: D -> N C where D == C*2", "x: N K, y: 2*K -> N K"),
    ("x: N H -> N H//2 where H % 2 == 0", "x: N H -> N (H+1)//2"),
    ("x: N (h d), y: h -> N d", "x: N (a b), y: a -> N b"),
    ("x: N D -> N where D % 8 == 0", "x: N (heads=8 d) -> N"),
    ("x: N h d -> N", "x: N heads d -> N"),
    # Memory formats.
    ("x: N C H W @ channels_last -> N", "x: N C H W @ N H W C -> N"),
    ("x: N C H W @ channels_last -> N", "x: N C H W -> N"),
    ("x: N C -> N C", "x: N C -> N C @ contiguous"),
]


@pytest.mark.parametrize(("old", "new"), FITS)
def test_what_can_stand_in_the_place_of_another(old: str, new: str) -> None:
    assert wrong(parse_signature(old), parse_signature(new)) == []


@pytest.mark.parametrize("text", sorted({text for pair in FITS for text in pair}))
def test_a_signature_can_stand_in_its_own_place(text: str) -> None:
    signature = parse_signature(text)
    # Under another name of a parameter that is left out, so that the two are not the same object.
    other = Signature.from_json({**signature.to_json(), "where": [*signature.to_json()["where"], "1 == 1"]})
    assert wrong(signature, other) == []
    assert wrong(other, signature) == []


MISFITS = [
    (
        "image: N C H W -> N 10",
        "image: N C=3 H W -> N classes=10",
        ["`image`: the model asks for `C=3` at axis 1, and `expect` has `C` there: write `C=3`"],
    ),
    (
        "image: N C=4 H W -> N 10",
        "image: N C=3 H W -> N classes=1000",
        [
            "`image`: the model asks for `C=3` at axis 1, and `expect` has 4 there",
            "the result: `expect` asks for 10 at axis 1, and the model has 1000 there",
        ],
    ),
    (
        "image: N C=3 H W -> N 10",
        "image: N C=3 H W -> N 10 where H >= 32, W >= 32",
        [
            "the model asks for H >= 32, which `expect` does not promise: write `where H >= 32`",
            "the model asks for W >= 32, which `expect` does not promise: write `where W >= 32`",
        ],
    ),
    (
        "image: N C=3 high W -> N 10",
        "image: N C=3 H W -> N 10 where H >= 32",
        [
            (
                "the model asks for H >= 32, which is high >= 32, and `expect` does not promise that: write "
                "`where high >= 32`"
            )
        ],
    ),
    (
        "image: N C=3 H=16 W -> N 10",
        "image: N C=3 H W -> N 10 where H >= 32",
        ["the model asks for H >= 32, which is 16 >= 32, and `expect` never has that"],
    ),
    (
        "image: N C -> N",
        "image: N C -> N where N >= 1",
        ["the model asks for N >= 1, which `expect` does not promise (where N is 0)"],
    ),
    (
        "image: C H W -> 10",
        "image: N C H W -> N 10",
        [
            "`image`: the model asks for 4 axes, and `expect` has 3 (`C H W`)",
            "the result: `expect` asks for 1 axis, and the model has 2 (`N 10`)",
        ],
    ),
    (
        "x: A B, y: C B -> A",
        "x: N K, y: N K -> N",
        [
            (
                "`y`: the model asks for `N`, which is `A`, at axis 0 (as at axis 0 of `x`), and `expect` has `C` "
                "there: write `where C == A`"
            )
        ],
    ),
    (
        "x: *batch C -> *batch C",
        "x: N K -> N K",
        [
            "`x`: the model asks for 2 axes, and `expect` has 1 (`*batch C`) (where `*batch` has 0 axes)",
        ],
    ),
    (
        "x: *a C, y: *b C -> C",
        "x: *a C, y: *a C -> C",
        [
            (
                "`y`: the model asks for `*a` to be (axis 0 of `x`) as in `x`, and `expect` has (axis 0 of `y`) "
                "there"
            )
        ],
    ),
    (
        "x: N C, y: #C -> N C",
        "x: N C, y: C -> N C",
        [
            (
                "`y`: the model asks for `C` at axis 0 (as at axis 1 of `x`), and `expect` has 1 there (where axis 0 "
                "of `y` has size 1)"
            )
        ],
    ),
    (
        "x: N C H W, m: C -> N",
        "x: N *a K *b, m: K -> N",
        [
            (
                "`x`: the model asks for one place for `K`, and `expect` has it at 2 axes of (N, C, H, W) (where H "
                "is C)"
            )
        ],
    ),
    (
        "x: N C, y: D -> N C",
        "x: N K, y: 2*K -> N K",
        [
            (
                "`y`: the model asks for `2*K`, which is `2*C`, at axis 0, and `expect` has `D` there (not for C=1, "
                "D=1): write `where D == 2*C`"
            )
        ],
    ),
    (
        "x: N H -> N H//2",
        "x: N H -> N (H+1)//2",
        [
            "the result: `expect` asks for `H//2` at axis 1, and the model has `(H+1)//2` there (not for H=1)",
        ],
    ),
    (
        "x: N D -> N",
        "x: N (heads=8 d) -> N",
        [
            (
                "`x`: the model asks for `(heads=8 d)`, a multiple of 8, at axis 1, and `expect` has `D` there (not "
                "for D=1): write `where D%8 == 0`"
            )
        ],
    ),
    (
        "x: N M -> N where N*M > 10",
        "x: N M -> N where N*N*M*M > 100",
        [
            (
                "the model asks for M**2*N**2 > 100, which `expect` does not promise (that this always holds can't "
                "be decided): write `where M**2*N**2 > 100`"
            )
        ],
    ),
    (
        # What of an argument waits for the result is not looked for in one of another rank.
        "x: N -> N",
        "x: N C 2*K -> K",
        [
            "`x`: the model asks for 3 axes, and `expect` has 1 (`N`)",
        ],
    ),
    (
        "x: A B -> A",
        "x: A B -> A where A//(B-3) > 0",
        [
            "the model divides by `B-3`, which may be 0: write `where B-3 != 0`",
            (
                "the model asks for A//(B-3) > 0, which `expect` does not promise (not for A=1, B=1): "
                "write `where A//(B-3) > 0`"
            ),
        ],
    ),
    (
        "x: N C H W -> N",
        "x: N C H W @ channels_last -> N",
        [
            (
                "`x`: the model asks for the memory format `channels_last`, and `expect` has any: write "
                "`@ channels_last`"
            )
        ],
    ),
    ("x: N -> N", "image: N -> N", ["`expect` may pass `x` by name, and the model calls it `image`"]),
    (
        "x: N 3 -> N",
        "image: N C=4 -> N",
        [
            "`expect` may pass `x` by name, and the model calls it `image`",
            "`image`: the model asks for `C=4` at axis 1, and `expect` has 3 there",
        ],
    ),
    (
        "x: N C, y: N -> N",
        "y: N, x: N C -> N",
        [
            "`expect` may pass `x` by position, and in the model place 1 is `y`",
            "`expect` may pass `y` by position, and in the model place 2 is `x`",
        ],
    ),
    ("x: N C -> N", "x: N C, y: N -> N", ["the model needs `y`, and `expect` does not pass it"]),
    ("x: N C, y: N -> N", "x: N C -> N", ["`expect` passes `y`, which the model does not take"]),
    (
        "x: N C -> N",
        "x: N C -> N, C",
        ["the result: `expect` asks for `N`, and the model has `tuple[N, C]`"],
    ),
]


@pytest.mark.parametrize(("old", "new", "texts"), MISFITS, ids=[f"{old} <- {new}" for old, new, _ in MISFITS])
def test_what_can_not_and_why(old: str, new: str, texts: list[str]) -> None:
    assert wrong(parse_signature(old), parse_signature(new)) == texts


def test_a_remedy_remedies() -> None:
    for old, new, texts in MISFITS:
        if not all(": write `where " in text for text in texts):
            continue
        asked = [text.split(": write `where ", 1)[1].rstrip("`") for text in texts]
        head, _, where = old.partition(" where ")
        better = f"{head} where {', '.join([*([where] if where else []), *asked])}"
        left = wrong(parse_signature(better), parse_signature(new))
        # A constraint that was written without an end may still leave sizes of 0.
        assert [text for text in left if "is 0" not in text] == [], better


F, T = Float, Tensor


class Box(NamedTuple):
    """A record with dims."""

    boxes: F[T, "K 4"]
    scores: F[T, "K"]


def masked(x: F[T, "N C"], mask: Optional[F[T, "N"]] = None) -> F[T, "N"]: ...
def plain(x: F[T, "N C"]) -> F[T, "N"]: ...
def scaled(x: F[T, "N C"], mask: Optional[F[T, "N"]] = None, scale: float = 1.0) -> F[T, "N"]: ...
def needed(x: F[T, "N C"], mask: F[T, "N"]) -> F[T, "N"]: ...
def wide(x: F[T, "N C"], mask: Optional[F[T, "C"]] = None) -> F[T, "N"]: ...
def named(x: F[T, "N C"], *, mask: Optional[F[T, "N"]] = None) -> F[T, "N"]: ...
def integers(x: Int[T, "N C"]) -> Int[T, "N"]: ...
def numbers(x: Num[T, "N C"]) -> F[T, "N"]: ...
def unhinted(x) -> F[T, "N"]: ...
def images(xs: list[F[T, "C ?H ?W"]]) -> list[Box]: ...
def alike(xs: list[F[T, "C H W"]]) -> list[Box]: ...
def sequence(xs: Sequence[F[T, "?C ?H ?W"]]) -> list[Box]: ...
def tuples(xs: list[F[T, "C ?H ?W"]]) -> list[tuple[F[T, "?K 4"], F[T, "?K"]]]: ...
def either(x: Union[F[T, "N C"], F[T, "N C H W"]]) -> F[T, "N"]: ...
def either_dtype(x: Union[F[T, "N C"], Int[T, "N C"]]) -> F[T, "N"]: ...
def by_key(x: dict[str, F[T, "N C"]]) -> dict[str, F[T, "N"]]: ...
def by_key_anew(x: dict[str, F[T, "N ?C"]]) -> dict[str, F[T, "N"]]: ...
def sized(x: F[T, "N C"], n: int) -> F[T, "N {n}"]: ...
def sized_anyhow(x: F[T, "N C"], n: int = 3) -> F[T, "N {n}"]: ...
def sized_more(x: F[T, "N C where {n} >= 1"], n: int) -> F[T, "N {n}"]: ...
def unsized(x: F[T, "N C"], n: float) -> F[T, "N C"]: ...
def any_number(*x: F[T, "N C"]) -> F[T, "N"]: ...
def options(x: F[T, "N C"], **more: F[T, "N"]) -> F[T, "N"]: ...


HINTS: list[tuple[Callable[..., Any], Callable[..., Any], list[str]]] = [
    (plain, masked, []),
    (masked, scaled, []),
    (needed, masked, []),
    (masked, named, ["`expect` may pass `mask` by position, and in the model it takes it by name only"]),
    (named, masked, []),
    (masked, plain, ["`expect` passes `mask`, which the model does not take"]),
    (
        masked,
        needed,
        [
            "the model needs `mask`, and `expect` may leave it out",
            "`mask` may be None in `expect`, and the model asks for `N`",
        ],
    ),
    (
        masked,
        wide,
        [
            (
                "`mask`: the model asks for `C` at axis 0 (as at axis 1 of `x`), and `expect` has `N` there: write "
                "`where N == C`"
            )
        ],
    ),
    (
        plain,
        integers,
        [
            "`x`: the model asks for the dtype Int, and `expect` has Float",
            "the result: `expect` asks for the dtype Float, and the model has Int",
        ],
    ),
    (plain, numbers, []),
    (numbers, plain, ["`x`: the model asks for the dtype Float, and `expect` has Num"]),
    (
        plain,
        unhinted,
        ["the result: `expect` asks for `N` at axis 0, and the model has `N` of the result there"],
    ),
    (unhinted, plain, ["`x`: the model asks for `N C`, and `expect` has no hint of it"]),
    (plain, either, []),
    (
        either,
        plain,
        ["`x`: the model asks for 2 axes, and `expect` has 4 (`N C H W`) (where `x` is `N C H W`)"],
    ),
    (integers, either_dtype, ["the result: `expect` asks for the dtype Int, and the model has Float"]),
    (
        numbers,
        either_dtype,
        [
            (
                '`x`: the model asks for `Float[Tensor, "N C"] | Int[Tensor, "N C"]`, and `expect` has a tensor, '
                "`N C`"
            )
        ],
    ),
    (alike, images, []),
    (images, images, []),
    (
        images,
        alike,
        [
            (
                "`xs[1]`: the model asks for `H`, which is `H` of `xs[0]`, at axis 1 (as at axis 1 of `xs[0]`), and "
                "`expect` has `H` of `xs[1]` there"
            ),
            (
                "`xs[1]`: the model asks for `W`, which is `W` of `xs[0]`, at axis 2 (as at axis 2 of `xs[0]`), and "
                "`expect` has `W` of `xs[1]` there"
            ),
        ],
    ),
    (images, sequence, []),
    (
        sequence,
        images,
        ["`xs`: the model asks for `list[C ?H ?W]`, and `expect` has a Sequence of 2, `?C ?H ?W` each"],
    ),
    # A NamedTuple is a tuple, a tuple is no NamedTuple; and its `K` is one for all elements.
    (tuples, images, []),
    (
        images,
        tuples,
        ["`result[0]`: `expect` asks for `Box(boxes: K 4, scores: K)`, and the model has `tuple[?K 4, ?K]`"],
    ),
    (by_key_anew, by_key_anew, []),
    (by_key, by_key_anew, []),
    (
        by_key_anew,
        by_key,
        [
            (
                "`x['b']`: the model asks for `C`, which is `C` of `x['a']`, at axis 1 (as at axis 1 of `x['a']`), and "
                "`expect` has `C` of `x['b']` there"
            )
        ],
    ),
    (
        by_key,
        plain,
        [
            "`x`: the model asks for `N C`, and `expect` has `dict[str, N C]`",
            "the result: `expect` asks for `dict[str, N]`, and the model has a tensor, `N`",
        ],
    ),
    (sized, sized_anyhow, []),
    (sized_anyhow, sized, ["the model needs `n`, and `expect` may leave it out"]),
    (sized_more, sized, []),
    (
        sized,
        sized_more,
        ["`x`: the model asks for {n} >= 1, which `expect` does not promise (where {n} is 0)"],
    ),
    (unsized, sized, ["`n`: the model asks for `int`, and `expect` has `float`"]),
    (sized, unsized, ["the result: `expect` asks for `{n}` at axis 1, and the model has `C` there"]),
    (any_number, any_number, []),
    (
        any_number,
        plain,
        [
            "`expect` passes any number of `*x`, and the model takes none",
            "the model needs `x`, and `expect` does not pass it",
            "the result: `expect` asks for `N` at axis 0, and the model has `N` of the result there",
        ],
    ),
    (plain, options, []),
    (options, plain, ["`expect` passes any number of `**more`, and the model takes none"]),
]


@pytest.mark.parametrize(
    ("old", "new", "texts"), HINTS, ids=[f"{old.__name__} <- {new.__name__}" for old, new, _ in HINTS]
)
@pytest.mark.parametrize("as_read_from_a_file", [False, True])
def test_hints_of_all_kinds(
    old: Callable[..., Any], new: Callable[..., Any], texts: list[str], as_read_from_a_file: bool
) -> None:
    signatures = [signature_of(old), signature_of(new)]
    if as_read_from_a_file:
        signatures = [Signature.from_json(one.to_json()) for one in signatures]
    # The hint of an element is another object in each signature.
    assert wrong(*signatures) == texts


def test_texts_say_nothing_of_dtypes() -> None:
    assert wrong(parse_signature("x: N C -> N"), signature_of(integers)) == []
    assert wrong(signature_of(integers), parse_signature("x: N C -> N")) == []


def test_a_method_is_called_without_its_receiver() -> None:
    def method(self: Any, x: F[T, "N C"]) -> F[T, "N"]: ...

    assert wrong(signature_of(method), signature_of(plain)) == []
    assert wrong(signature_of(plain), signature_of(method)) == []


def test_values_one_by_one_are_no_value() -> None:
    def one_by_one(x: F[T, "N C"]) -> Iterator[F[T, "N"]]:
        yield x[:, 0]

    assert wrong(signature_of(plain), signature_of(one_by_one)) == [
        "the model yields values, and `expect` returns a value"
    ]
    assert wrong(signature_of(one_by_one), signature_of(one_by_one)) == []


def test_the_two_sides_are_called_as_the_caller_says() -> None:
    old, new = parse_signature("x: N -> N"), parse_signature("x: 3 -> 3")
    assert misfits(old, new)[0].startswith("`x`: the new one asks for 3 at axis 0, and the old signature has")


def test_a_dim_that_nothing_binds_is_refused() -> None:
    with pytest.raises(AnnotationError, match="`K`"):
        misfits(parse_signature("x: N 2*K -> N"), parse_signature("x: N C -> N"))


def test_too_many_alternatives_are_refused_in_words() -> None:
    parameters = ", ".join(f"x{place}: *#b C" for place in range(5))
    old = parse_signature(f"{parameters} -> C")
    new = parse_signature(f"{parameters.replace('C', 'K')} -> K")
    (text,) = wrong(old, new)
    assert text.startswith(
        "whether the model takes every call of `expect` can't be decided: they are taken in more"
    )
    assert wrong(old, old) == []


def pair_of(seed: int) -> Pair:
    try:
        return draw_pair(seed)
    except AnnotationError:
        assume(False)
        raise


# Refused because there is too much to try; or because of longer groups than those that are tried here.
_BEYOND = re.compile(r"can't be decided| has [3-9] axes")


@settings(max_examples=70, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_every_small_call_agrees(seed: int) -> None:
    """What fits has no counterexample; without arithmetic and constraints, what does not fit has one."""
    pair = pair_of(seed)
    found, texts = counterexample(pair), wrong(pair.old, pair.new)
    if not texts:
        assert found is None, f"{pair}\n{found}"
    elif not pair.reckons and not any(_BEYOND.search(text) for text in texts):
        assert found is not None, f"{pair}\n{texts}"


PLAIN = [
    ("int", "int", True),
    ("float", "int", True),
    ("int", "float", False),
    ("int", "bool", True),
    ("Any", "list[int]", True),
    ("int", "Any", False),
    ("Optional[int]", "int", True),
    ("int | None", "Optional[int]", True),
    ("int", "int | None", False),
    ("Union[int, str]", "str", True),
    ("List[int]", "list[int]", True),
    ("list[int]", "list[str]", False),
    ("list[Optional[int]]", "list[int]", True),
    ("Sequence[int]", "list[int]", True),
    ("list[int]", "Sequence[int]", False),
    ("tuple[int, ...]", "tuple[int, int]", True),
    ("tuple[int, int]", "tuple[int, ...]", False),
    ("Sequence[int]", "tuple[int, str]", False),
    ("dict[str, list[int]]", "Dict[str, List[int]]", True),
    ("dict[str, int]", "dict[int, int]", False),
    ("torch.Tensor", "Tensor", True),
    ("list[Tensor]", "list[Tensor]", True),
    ("list", "list", True),
]


@pytest.mark.parametrize(("wide", "narrow", "expected"), PLAIN)
def test_hints_without_dims_by_their_text(wide: str, narrow: str, expected: bool) -> None:
    assert takes(wide, narrow) is expected
