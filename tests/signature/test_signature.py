"""Signatures: as text, as JSON and back, and closed over the attributes of a module."""

import copy
import json
from contextlib import suppress
from typing import Any, Optional

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from namedtorch import Float, Int
from namedtorch.diagnostics import AnnotationError
from namedtorch.dims.constraint import Constraint
from namedtorch.dims.size import Size
from namedtorch.signature.dtypes import FAMILIES
from namedtorch.signature.function import signature_of
from namedtorch.signature.hint_json import ELIDED
from namedtorch.signature.hints import (
    ANYTHING,
    TENSOR,
    DictHint,
    Hint,
    ListHint,
    OptionalHint,
    PlainHint,
    RecordHint,
    TensorHint,
    TupleHint,
    UnionHint,
)
from namedtorch.signature.plan import build_plan
from namedtorch.signature.signature import Kind, Parameter, Signature
from namedtorch.signature.text import parse_signature
from namedtorch.syntax.resolve import parse_shape
from tests.syntax.strategies import CONSTRAINTS, shapes

TEXTS = [
    ("x: N C H W, mean: C -> N C H W", "x: N C H W, mean: C -> N C H W"),
    ("x: N C->N", "x: N C -> N"),
    ("  x :N C  ,y:C->N  ", "x: N C, y: C -> N"),
    ("image: N C=3 H W -> N classes=10 where H >= 32", "image: N C=3 H W -> N classes=10 where H >= 32"),
    ("x: N C -> N, C", "x: N C -> N, C"),
    ("x: N C -> mean: N, std: C", "x: N C -> N, C"),
    ("x: *a C *b, mean: C -> *a C *b", "x: *a C *b, mean: C -> *a C *b"),
    ("x: N C H W @ channels_last -> N", "x: N C H W @ channels_last -> N"),
    ("x: N C @ C N, y: N -> N @ N where N > 1", "x: N C @ C N, y: N -> N @ N where N > 1"),
    ("x: ... -> ...", "x: ... -> ..."),
    ("x: -> ", "x: ->"),
    ("-> 3", "-> 3"),
    ("x: N ->  where N > 1", "x: N -> where N > 1"),
    ("x: min(a,b) a b -> a", "x: min(a,b) a b -> a"),
    ("in: N -> N", "in: N -> N"),
]


@pytest.mark.parametrize(("text", "shown"), TEXTS)
def test_a_signature_is_read_and_shown(text: str, shown: str) -> None:
    signature = parse_signature(text)
    assert str(signature) == shown
    assert parse_signature(shown) == signature


def test_a_parsed_signature_takes_tensors_of_any_dtype() -> None:
    signature = parse_signature("x: N C, y: C -> N, C where N > 1")
    assert signature.parameters == (Parameter("x", shaped("N C")), Parameter("y", shaped("C")))
    assert signature.result == TupleHint((shaped("N"), shaped("C")))
    assert signature.where == (Constraint(Size.symbol("N"), ">", Size.constant(1)),)
    assert signature.parameter("y").required
    with pytest.raises(KeyError):
        signature.parameter("z")


def shaped(text: str, family: str = "Shaped") -> TensorHint:
    return TensorHint(TENSOR, FAMILIES[family], parse_shape(text))


def example(
    self: Any,
    image: Float[Tensor, "N C=3"],
    *more: Int[Tensor, "N"],
    scale: Optional[Float[Tensor, "C"]] = None,
    **rest: int,
) -> tuple[Float[Tensor, "N self.classes"], int]: ...


def test_a_signature_of_a_function_shows_what_a_caller_passes() -> None:
    signature = signature_of(example)
    assert (
        str(signature) == "image: N C=3, *more: N, scale: C | None = None, **rest: int -> N self.classes, int"
    )
    assert [one.kind for one in signature.parameters] == [
        *(Kind.POSITIONAL, Kind.POSITIONAL, Kind.VAR_POSITIONAL, Kind.KEYWORD, Kind.VAR_KEYWORD)
    ]
    assert [one.required for one in signature.parameters] == [True, True, False, False, False]
    assert signature.attributes == {"self.classes"}
    assert [str(one) for one in signature.tensors] == ["N C=3", "N", "C", "N self.classes"]
    assert signature.has_dims


def test_a_signature_is_closed_over_attributes() -> None:
    closed = signature_of(example).closed({"self.classes": 10, "self.other": 4}).without("self")
    assert str(closed).endswith("-> N classes=10, int")
    assert closed.attributes == frozenset()
    assert [one.name for one in closed.parameters] == ["image", "more", "scale", "rest"]
    where = Signature((), ANYTHING, (Constraint(Size.symbol("N"), "<", Size.symbol("self.k")),))
    assert str(where.closed({"self.k": 4}).where[0]) == "N < 4"
    assert where.attributes == {"self.k"}


# JSON.

LEAVES: st.SearchStrategy[Hint] = st.one_of(
    st.builds(
        TensorHint,
        st.sampled_from([TENSOR, "numpy.ndarray", "Any"]),
        st.sampled_from(list(FAMILIES.values())),
        shapes(),
    ),
    st.sampled_from([PlainHint("int"), PlainHint("list[int]"), ANYTHING]),
)


def _nested(inner: st.SearchStrategy[Hint]) -> st.SearchStrategy[Hint]:
    several = st.lists(inner, max_size=3).map(tuple)
    return st.one_of(
        st.builds(OptionalHint, inner),
        st.builds(UnionHint, several),
        st.builds(ListHint, inner, st.sampled_from(["list", "tuple", "Sequence"])),
        st.builds(TupleHint, several),
        st.builds(DictHint, inner, st.sampled_from(["str", "int"])),
        st.builds(
            RecordHint,
            st.just("Batch"),
            st.lists(st.tuples(st.sampled_from(["x", "y"]), inner), max_size=2).map(tuple),
        ),
    )


HINTS = st.recursive(LEAVES, _nested, max_leaves=4)
DEFAULTS = st.one_of(st.just(None), st.booleans(), st.integers(-5, 5), st.floats(-2, 2), st.text(max_size=3))
PARAMETERS = st.builds(Parameter, st.just("x"), HINTS, st.sampled_from(list(Kind)), DEFAULTS)


@st.composite
def signatures(draw: st.DrawFn) -> Signature:
    names = draw(st.lists(st.sampled_from(["x", "image", "größe", "self"]), unique=True, max_size=3))
    parameters: list[Parameter] = []
    for name in names:
        one = draw(PARAMETERS)
        parameters.append(Parameter(name, one.hint, one.kind, one.default))
    where = tuple(draw(st.lists(CONSTRAINTS, max_size=2)))
    return Signature(tuple(parameters), draw(HINTS), where, draw(st.booleans()))


@settings(max_examples=100)
@given(signatures())
def test_a_signature_reads_back_from_json(signature: Signature) -> None:
    data = json.loads(json.dumps(signature.to_json()))
    again = Signature.from_json(data)
    assert again == signature
    assert str(again) == str(signature)
    assert again.to_json() == signature.to_json()


def test_a_default_that_is_no_plain_value_is_only_known_to_be_there() -> None:
    one = Signature(
        (
            Parameter("x", ANYTHING, Kind.POSITIONAL, object()),
            Parameter("y", ANYTHING, Kind.POSITIONAL, float("nan")),
        )
    )
    again = Signature.from_json(json.loads(json.dumps(one.to_json())))
    assert [parameter.default for parameter in again.parameters] == [ELIDED, ELIDED]
    assert not again.parameters[0].required


GOOD: dict[str, Any] = parse_signature("x: N C, y: C -> N where N > 1").to_json()


def changed(path: list[Any], value: Any) -> Any:
    data = copy.deepcopy(GOOD)
    where = data
    for key in path[:-1]:
        where = where[key]
    if value is KeyError:
        del where[path[-1]]
    else:
        where[path[-1]] = value
    return data


X = ["parameters", 0]
MALFORMED: list[Any] = [
    *(None, 3, "x", [], {}, [GOOD]),
    changed(["parameters"], KeyError),
    changed(["result"], KeyError),
    changed(["yields"], 1),
    changed(["more"], 1),
    changed(["where"], "N > 1"),
    changed(["where"], [3]),
    changed(["where"], ["N >"]),
    changed(["where"], ["__import__('os')"]),
    changed(["parameters"], {}),
    changed(X, 3),
    changed([*X, "name"], "a b"),
    changed([*X, "name"], "class"),
    changed([*X, "name"], "y"),
    changed([*X, "name"], 3),
    changed([*X, "kind"], "any"),
    changed([*X, "kind"], []),
    changed([*X, "default"], 3),
    changed([*X, "default"], {"value": []}),
    changed([*X, "default"], {"value": 3, "code": 4}),
    changed([*X, "hint"], {}),
    changed([*X, "hint"], {"tensor": {}}),
    changed([*X, "hint"], {"lambda": 3}),
    changed([*X, "hint"], {"plain": 3}),
    changed([*X, "hint"], {"plain": "int", "list": 3}),
    changed([*X, "hint"], {3: 4}),
    changed([*X, "hint"], {"union": {}}),
    changed([*X, "hint"], {"record": {"name": "A", "fields": [["a b", {"plain": "int"}]]}}),
    changed([*X, "hint"], {"record": {"name": "A", "fields": [["a"]]}}),
    changed([*X, "hint", "tensor", "shape"], "N, C"),
    changed([*X, "hint", "tensor", "shape"], 3),
    changed([*X, "hint", "tensor", "shape"], "(" * 60 + "a" + ")" * 60),
    changed([*X, "hint", "tensor", "dtypes"], "float32"),
    changed([*X, "hint", "tensor", "dtypes"], [3]),
    changed([*X, "hint", "tensor", "family"], None),
    changed([*X, "hint", "tensor", "array"], 3),
]


@pytest.mark.parametrize("data", MALFORMED, ids=range(len(MALFORMED)))
def test_what_is_no_signature_is_refused(data: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        Signature.from_json(data)


def test_hints_do_not_nest_without_end() -> None:
    data: Any = {"plain": "int"}
    for _ in range(3000):
        data = {"optional": data}
    with pytest.raises(ValueError, match="nest deeper"):
        Signature.from_json(changed(["result"], data))


JSON: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.text(max_size=5),
        st.sampled_from(["tensor", "N C", "plain"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["tensor", "plain", "list", "name", "kind", "hint", "shape", "value"]),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=6,
)


@settings(max_examples=150)
@given(
    st.lists(
        st.sampled_from(["parameters", "result", "where", "yields", 0, "hint", "tensor"]),
        min_size=1,
        max_size=4,
    ),
    JSON,
)
def test_broken_data_raises_nothing_but_a_value_error(path: list[Any], value: Any) -> None:
    try:
        data = changed(path, value)
    except (KeyError, IndexError, TypeError):
        data = value
    with suppress(ValueError):
        Signature.from_json(data)


# What nothing could ever bind.

UNBOUND = [
    ("x: 2*C -> N", "nothing binds `C` in the annotation of `x`"),
    ("x: 2*C -> C", None),
    ("x: N -> C", None),
    ("x: N -> 2*C", "nothing binds `C` in the annotation of `result`"),
    ("x: (C) -> N", "nothing binds `C`"),
    ("x: (a b) -> a", None),
    ("x: (a b), y: (a c) -> a", None),
    ("x: (a b), y: (a c) -> d", "nothing binds"),
    ("x: N -> N where M > 1", "nothing binds `M` in the signature"),
    ("x: N, y: 2*N -> N", None),
    ("x: 2*N, y: N -> N", None),
    ("x: #2*N -> 3", "nothing binds `N`"),
    ("x: ?H -> 3", "bound anew for every element"),
    ("x: self.k -> 3", "no parameter is called `self`"),
    ("x: y.k -> 3", "no parameter is called `y`"),
    ("x: {n} -> 3", "no parameter is called `n`"),
]


@pytest.mark.parametrize(("text", "reason"), UNBOUND)
def test_a_dim_that_nothing_could_bind_is_refused(text: str, reason: str | None) -> None:
    if reason is None:
        build_plan(parse_signature(text))
    else:
        with pytest.raises(AnnotationError, match=reason):
            build_plan(parse_signature(text))
