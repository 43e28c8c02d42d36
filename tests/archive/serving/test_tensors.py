"""The tensors that a server is told of: names, sizes, dtypes, and what can't be told."""

from dataclasses import replace

import pytest

from namedtorch.archive.drawing import Drawing, Edge, Node, Part
from namedtorch.archive.interface import Fixed, Input, Interface, Mapping, Output, Record
from namedtorch.archive.manifest import State
from namedtorch.archive.serving.refusal import ServingError
from namedtorch.archive.serving.tensors import served
from namedtorch.signature.hints import (
    DictHint,
    Hint,
    ListHint,
    OptionalHint,
    PlainHint,
    RecordHint,
    TupleHint,
    UnionHint,
)
from namedtorch.signature.signature import Kind, Parameter, Signature
from tests.archive.serving.models import archive_of, exported, flat, function, tensor

SIZES = [
    ("image: N C=3 H W -> N 10", {"image": (-1, 3, -1, -1), "OUTPUT__0": (-1, 10)}),
    # What is known of a dim holds wherever it stands.
    ("image: N C=3 H W, mean: C -> N 2*C", {"image": (-1, 3, -1, -1), "mean": (3,), "OUTPUT__0": (-1, 6)}),
    ("x: N H W -> H where W == H, H == 224", {"x": (-1, 224, 224), "OUTPUT__0": (224,)}),
    ("x: N H -> N (H-1)//2+1", {"x": (-1, -1), "OUTPUT__0": (-1, -1)}),
    ("x: N C=4 H=2 -> N (C H)", {"x": (-1, 4, 2), "OUTPUT__0": (-1, 8)}),
    ("x: N C H=2 -> N (C H)", {"x": (-1, -1, 2), "OUTPUT__0": (-1, -1)}),
    # Size 1 is taken as well.
    ("x: N C=4, y: #C -> N _", {"x": (-1, 4), "y": (-1,), "OUTPUT__0": (-1, -1)}),
    ("x: -> N=2", {"x": (), "OUTPUT__0": (2,)}),
    ("x: 2 -> 3, 4 5", {"x": (2,), "OUTPUT__0": (3,), "OUTPUT__1": (4, 5)}),
]


@pytest.mark.parametrize(("text", "sizes"), SIZES, ids=[text for text, _ in SIZES])
def test_sizes(text: str, sizes: dict[str, tuple[int, ...]]) -> None:
    found = served(archive_of(text).manifest, "Triton", {})
    assert {one.name: one.sizes for one in found.tensors} == sizes


def test_fields_of_a_record_name_outputs() -> None:
    fields = (("boxes", tensor("K 4")), ("raw__scores", tensor("K")), ("_k", tensor("K")))
    signature = function(RecordHint("Boxes", fields), x=tensor("K 4"))
    found = served(archive_of(signature).manifest, "Triton", {})
    assert [one.name for one in found.outputs] == ["boxes__0", "OUTPUT__1", "OUTPUT__2"]


def test_names_of_a_flat_graph_are_its_own() -> None:
    signature = function(
        RecordHint("R", (("a", tensor("N 2")), ("b", DictHint(tensor("N 3"))))),
        images=ListHint(tensor("C=3 ?H")),
        state=DictHint(tensor("N 4", "Int64")),
        pair=TupleHint((tensor("N 5"), tensor("N 6"))),
    )
    interface = Interface(
        (
            Input("images_0", ("images", 0)),
            Input("images_1", ("images", 1)),
            Input("state_h", ("state", "h")),
            Input("pair_1", ("pair", 1)),
            Input("pair_0", ("pair", 0)),
        ),
        ("out_b", "out_a"),
        Record("R", (("a", Output(1)), ("b", Mapping((("k", Output(0)),))))),
        fixed=(Fixed(("scale",), 1.0),),
    )
    found = served(exported(signature, interface).manifest, "Triton", {})
    assert {one.name: (one.dtype, one.sizes) for one in found.tensors} == {
        "images_0": ("float32", (3, -1)),
        "images_1": ("float32", (3, -1)),
        "state_h": ("int64", (-1, 4)),
        "pair_1": ("float32", (-1, 6)),
        "pair_0": ("float32", (-1, 5)),
        "out_b": ("float32", (-1, 3)),
        "out_a": ("float32", (-1, 2)),
    }
    assert found.fixed == ("`scale` is 1.0, as it was exported",)


DTYPES: list[tuple[str, dict[str, State], dict[str, str], str, str]] = [
    ("Float32", {}, {}, "float32", ""),
    ("Float16", {}, {"": "float32"}, "float16", ""),
    ("Bool", {}, {}, "bool", ""),
    ("Float", {}, {}, "float32", "Float: float32"),
    ("Float", {"w": State("parameter", "float16", ())}, {}, "float16", "Float: float16, as the weights are"),
    # What is packed is of no dtype that a tensor has.
    ("Float", {"w": State("packed", "float16", ())}, {}, "float32", "Float: float32"),
    (
        "Float",
        {"w": State("parameter", "float16", ())},
        {"x": "float64"},
        "float64",
        "Float, given as float64",
    ),
    ("Int", {}, {"x": "int64"}, "int64", "Int, given as int64"),
    ("Shaped", {}, {"": "uint8"}, "uint8", "of any dtype, given as uint8"),
    ("Int", {}, {"": "float32", "x": "int8"}, "int8", "Int, given as int8"),
]


@pytest.mark.parametrize(("family", "state", "given", "dtype", "why"), DTYPES)
def test_dtypes(family: str, state: dict[str, State], given: dict[str, str], dtype: str, why: str) -> None:
    signature = function(tensor("N", "Float32"), x=tensor("N", family))
    (one,) = served(archive_of(signature, state=state).manifest, "Triton", given).inputs
    assert (one.dtype, one.why) == (dtype, why)


def test_the_floats_of_a_frozen_model() -> None:
    """Its weights stand in its graph: what they are, only the picture tells."""
    signature = function(tensor("N", "Float32"), x=tensor("N"))
    drawing = Drawing(
        (Part("Net", ""),), (Node("input", "x"), Node("output", "result")), (Edge(0, 1, "N", "float64"),)
    )
    frozen = archive_of(signature, state={}, stages=("freeze",)).manifest
    (one,) = served(replace(frozen, drawing=drawing), "Triton", {}).inputs
    assert (one.dtype, one.why) == ("float64", "Float: float64, as in the picture of the model")
    with pytest.raises(ServingError) as caught:
        served(frozen, "Triton", {})
    assert str(caught.value) == (
        "`x` is Float, and the weights of a frozen model stand in its graph, which does not tell their dtype: "
        "--dtype x=float32, or whichever it is"
    )
    (one,) = served(frozen, "Triton", {"x": "float16"}).inputs
    assert one.dtype == "float16"


WRONG_DTYPES: list[tuple[str, dict[str, str], str]] = [
    (
        "Int",
        {},
        "`x` is Int, and Triton asks for one dtype: --dtype x=DTYPE, one of int8, int16, int32, int64",
    ),
    (
        "Shaped",
        {},
        (
            "`x` is of any dtype, and Triton asks for one dtype: --dtype x=DTYPE, one of int8, int16, int32, int64, "
            "uint8, float16, float32, float64, bool"
        ),
    ),
    ("Int64", {"x": "int32"}, "`x` is Int64, and never int32: give it one of int64"),
    (
        "Shaped",
        {"x": "flot32"},
        (
            "`x` is of any dtype, and never flot32: give it one of int8, int16, int32, int64, uint8, float16, "
            "float32, float64, bool"
        ),
    ),
    ("Int64", {"y": "int32"}, "--dtype y: there is no such tensor; there are x, OUTPUT__0"),
]


@pytest.mark.parametrize(("family", "given", "text"), WRONG_DTYPES)
def test_dtypes_that_are_not_known(family: str, given: dict[str, str], text: str) -> None:
    signature = function(tensor("N", "Float32"), x=tensor("N", family))
    with pytest.raises(ServingError) as caught:
        served(archive_of(signature).manifest, "Triton", given)
    assert str(caught.value) == text


def test_two_dtypes_of_weights_tell_nothing() -> None:
    state = {"a": State("parameter", "float16", ()), "b": State("parameter", "float32", ())}
    with pytest.raises(ServingError, match="one of float16, float32, float64"):
        served(archive_of("x: N -> N", state=state).manifest, "Triton", {})


FLAT = "lower the model to .onnx, whose inputs and outputs are single tensors"
X = tensor("N")
REFUSED: list[tuple[Signature, str]] = [
    (
        function(X, x=ListHint(X)),
        f"`x` is `list[N]`, which Triton can't describe: {FLAT}",
    ),
    (function(X, x=DictHint(X)), f"`x` is `dict[str, N]`, which Triton can't describe: {FLAT}"),
    (function(X, x=X, n=PlainHint("int")), f"`n` is `int`, which Triton can't describe: {FLAT}"),
    (
        Signature((Parameter("x", X, Kind.VAR_POSITIONAL),), X),
        f"`x` is any number of arguments, which Triton can't describe: {FLAT}",
    ),
    (
        function(ListHint(X), x=X),
        f"the result is `list[N]`, and Triton takes a tensor or a tuple of tensors: {FLAT}",
    ),
    (
        function(TupleHint((X, OptionalHint(X))), x=X),
        f"the result is `tuple[N, N | None]`, and Triton takes a tensor or a tuple of tensors: {FLAT}",
    ),
    (
        function(PlainHint("Any"), x=X),
        f"the result is not hinted, and Triton takes a tensor or a tuple of tensors: {FLAT}",
    ),
    (function(X, x=UnionHint((X, tensor("N C")))), f"`x` is `N | N C`, which Triton can't describe: {FLAT}"),
    (function(X), "the model takes no tensors, and Triton asks for one at least"),
    (
        function(X, x=tensor("*batch N")),
        (
            "`x` is `*batch N`, where `*batch` is any number of axes, and Triton asks how many: write them out before "
            "lowering (`N C`), or lower to .onnx, which fixes how many there are"
        ),
    ),
]


@pytest.mark.parametrize(("signature", "text"), REFUSED, ids=[str(one) for one, _ in REFUSED])
def test_what_can_not_be_described(signature: Signature, text: str) -> None:
    with pytest.raises(ServingError) as caught:
        served(archive_of(signature).manifest, "Triton", {})
    assert str(caught.value) == text


OPTIONAL: list[tuple[Hint | tuple[Hint, object], list[str], list[str]]] = [
    ((OptionalHint(X), None), ["x"], ["y"]),
    (OptionalHint(X), ["x", "y"], []),
    ((PlainHint("float"), 1.0), ["x"], ["y"]),
    ((ListHint(X), ()), ["x"], ["y"]),
]


@pytest.mark.parametrize(("hint", "listed", "left_out"), OPTIONAL)
def test_what_may_be_left_out_is(
    hint: Hint | tuple[Hint, object], listed: list[str], left_out: list[str]
) -> None:
    found = served(archive_of(function(X, x=X, y=hint)).manifest, "MLflow", {})
    assert [one.name for one in found.inputs] == listed
    assert [one.name for one in found.left_out] == left_out


def test_an_interface_that_is_none_of_the_signature_is_refused() -> None:
    archive = exported(function(X, x=X), flat("y\x1b"))
    with pytest.raises(ServingError) as caught:
        served(archive.manifest, "Triton", {})
    assert str(caught.value) == "the signature says nothing of the dims of `y\\x1b`"
