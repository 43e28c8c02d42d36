"""Whether a model can stand in the place of another: by table, by golden text, and against the guards themselves."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from namedtorch.archive.compare import compare
from namedtorch.archive.comparison import Comparison
from namedtorch.archive.container import read_manifest
from namedtorch.archive.interface import Fixed, Input, Interface, Length, Output, Sequence
from namedtorch.archive.manifest import Manifest, Method, State
from namedtorch.archive.quantization import LayerScheme, Quantization
from namedtorch.diagnostics import AnnotationError, ArchiveError
from namedtorch.dims.layout import strides_of
from namedtorch.signature.dtypes import FAMILIES
from namedtorch.signature.explain import Explanation
from namedtorch.signature.hints import TENSOR, Hint, ListHint, OptionalHint, PlainHint, TensorHint
from namedtorch.signature.plan import build_plan
from namedtorch.signature.signature import Parameter, Signature
from namedtorch.signature.text import parse_signature
from namedtorch.syntax.resolve import parse_shape
from tests.signature.calls_by_size import Pair, counterexample, draw_pair

GOLDEN = Path(__file__).parent / "golden"
DIGESTS = {group: f"{place}" * 64 for place, group in enumerate(("code", "constants", "other", "weights"))}


def manifest_of(*signatures: Signature | str, **fields: Any) -> Manifest:
    """A model of a class `m.Model`; the methods after forward are `encode`, `decode`."""
    names = ("forward", "encode", "decode")
    methods: dict[str, Method] = {}
    for name, one in zip(names, signatures, strict=False):
        signature = parse_signature(one) if isinstance(one, str) else one
        methods[name] = Method(signature, build_plan(signature))
    given = {
        "name": "m.Model",
        "kind": "module",
        "mode": "eval",
        "guards": "boundary",
        "torch_version": "2.13.0",
        "digests": DIGESTS,
    }
    return Manifest(methods=methods, **(given | fields))


def tensor(shape: str, family: str = "Float") -> TensorHint:
    return TensorHint(TENSOR, FAMILIES[family], parse_shape(shape))


def function(result: Hint, **parameters: Hint | tuple[Hint, Any]) -> Signature:
    """A signature of hints; a hint with a value beside it has a default."""
    made = [
        Parameter(name, *((one[0],) if isinstance(one, tuple) else (one,)), default=one[1])
        if isinstance(one, tuple)
        else Parameter(name, one)
        for name, one in parameters.items()
    ]
    return Signature(tuple(made), result)


# The old signature, the new one, the verdict.
VERDICTS = [
    ("image: N C=3 H W -> N 10", "image: N C=3 H W -> N 10", "identical"),
    # Other names of dims, and labels.
    ("image: N C=3 H W -> N 10", "image: batch 3 h w -> batch classes=10", "identical"),
    # Another spelling of the same constraint.
    ("x: N M -> N where N >= 2, M == N", "x: N N -> N where N > 1", "identical"),
    # Fewer constraints on arguments.
    ("image: N C=3 H W -> N 10 where H >= 64", "image: N C=3 H W -> N 10 where H >= 32", "compatible"),
    ("image: N C=3 H W -> N 10", "image: N C H W -> N 10", "compatible"),
    ("x: N C, y: N C -> N", "x: N C, y: M C -> N", "compatible"),
    ("x: N T C -> N T C", "x: *b C -> *b C", "compatible"),
    # More promises of results.
    ("image: N C -> N classes", "image: N C -> N 10", "compatible"),
    ("x: N -> M", "x: N -> M where M > 3", "compatible"),
    ("image: N C=3 H W -> N 10 where H >= 32", "image: N C=3 H W -> N 10 where H >= 64", "breaking"),
    ("image: N C H W -> N 10", "image: N C=3 H W -> N 10", "breaking"),
    ("image: N C -> N 10", "image: N C -> N classes", "breaking"),
    ("image: N C H W -> N 10", "image: N H W C=3 -> N 10", "breaking"),
    ("x: N C -> N", "x: N C, y: N -> N", "breaking"),
    ("x: N C -> N", "image: N C -> N", "breaking"),
]


@pytest.mark.parametrize(
    ("old", "new", "verdict"), VERDICTS, ids=[f"{old} <- {new}" for old, new, _ in VERDICTS]
)
def test_the_verdict(old: str, new: str, verdict: str) -> None:
    found = compare(manifest_of(old), manifest_of(new))
    assert (found.verdict, bool(found.reasons)) == (verdict, verdict == "breaking")
    assert bool(found.changes) == (verdict == "compatible")
    for text in (old, new):
        assert compare(manifest_of(text), manifest_of(text)).verdict == "identical"


def text_of(found: Comparison) -> str:
    """The text, without its notes."""
    return "\n".join(line for line in str(found).splitlines() if not line.startswith("  note: "))


def test_a_text_of_what_breaks() -> None:
    old = manifest_of("image: N C H W, mask: N -> N 1000", "x: N -> N")
    new = manifest_of("image: N C=3 H W, prompt: N -> N 10 where H >= 32")
    assert (
        str(compare(old, new))
        == """\
breaking: the new model can't stand in the place of the old model, for 5 reasons
  1. a caller of the old model may pass `mask` by name, and the new model calls it `prompt`
  2. `image`: the new model asks for `C=3` at axis 1, and a caller of the old model has `C` there
  3. the new model asks for H >= 32, which a caller of the old model does not promise
  4. the result: a caller of the old model asks for 1000 at axis 1, and the new model has 10 there
  5. the method `encode` is gone
  old: image: N C H W, mask: N -> N 1000
  new: image: N C=3 H W, prompt: N -> N 10 where H >= 32"""
    )


def test_a_text_of_what_widens() -> None:
    old = manifest_of("image: N C=3 H W -> N classes where H >= 64", "x: N -> N")
    mask = function(
        tensor("N 10", "Shaped"), image=tensor("N C H W", "Shaped"), mask=(OptionalHint(tensor("N")), None)
    )
    new = manifest_of(mask, "x: M -> M", "x: N -> N")
    assert (
        str(compare(old, new))
        == """\
compatible: the new model can stand in the place of the old model, and differs in 5 things
  1. a caller of the new model passes `mask`, which the old model does not take
  2. `image`: the old model asks for `C=3` at axis 1, and a caller of the new model has `C` there
  3. the old model asks for H >= 64, which a caller of the new model does not promise
  4. the result: a caller of the new model asks for 10 at axis 1, and the old model has `classes` of the result there
  5. the method `decode` is new
  old: image: N C=3 H W -> N classes where H >= 64
  new: image: N C H W, mask: N | None = None -> N 10"""
    )


def test_a_text_of_what_is_the_same() -> None:
    old, new = manifest_of("x: N C -> N"), manifest_of("x: batch C -> batch")
    assert (
        str(compare(old, new))
        == """\
identical: the new model takes the same calls as the old model, and promises the same results
  old: x: N C -> N
  new: x: batch C -> batch"""
    )
    assert str(compare(old, old)).count("\n") == 0


def test_a_default_that_changed_is_no_break_and_not_the_same() -> None:
    def scaled(scale: Any) -> Manifest:
        return manifest_of(function(tensor("N"), x=tensor("N"), scale=(PlainHint("float"), scale)))

    found = compare(scaled(1.0), scaled(2.0))
    assert (found.verdict, found.changes) == (
        "compatible",
        ("`scale` is 2.0 where it is left out, and was 1.0: such a call computes something else",),
    )
    assert compare(scaled(1.0), scaled(1.0)).verdict == "identical"
    # As Python has it, 1 equals 1.0 and True; TorchScript tells them apart.
    assert compare(scaled(1.0), scaled(1)).verdict == "compatible"


def test_reasons_of_another_method_name_it() -> None:
    found = compare(manifest_of("x: N -> N", "y: N C -> N"), manifest_of("x: N -> N", "y: N 3 -> N"))
    assert found.reasons == (
        "in `encode`, `y`: the new model asks for 3 at axis 1, and a caller of the old model has `C` there",
    )


DTYPES = [
    ("Float32", "Float", "compatible"),
    ("Float", "Float32", "breaking"),
    ("Int64", "Integer", "compatible"),
    ("Float32", "Shaped", "compatible"),
    ("Shaped", "Float32", "breaking"),
    ("Shaped", "Shaped", "identical"),
    ("Bool", "Int64", "breaking"),
]


@pytest.mark.parametrize(("old", "new", "verdict"), DTYPES)
def test_dtypes_of_arguments(old: str, new: str, verdict: str) -> None:
    def taking(family: str) -> Manifest:
        return manifest_of(function(PlainHint("Any"), x=tensor("N", family)))

    assert compare(taking(old), taking(new)).verdict == verdict


def test_a_dtype_is_said_in_words() -> None:
    old = manifest_of(function(tensor("N", "Float32"), x=tensor("N", "Shaped")))
    new = manifest_of(function(tensor("N", "Shaped"), x=tensor("N", "Float32")))
    assert compare(old, new).reasons == (
        "`x`: the new model asks for the dtype Float32, and a caller of the old model has any",
        "the result: a caller of the old model asks for the dtype Float32, and the new model has any",
    )


def test_the_dtype_that_callers_give() -> None:
    old = manifest_of(function(tensor("N"), x=tensor("N"), ids=tensor("N", "Int")))
    new = manifest_of(function(tensor("N", "Float32"), x=tensor("N", "Float32"), ids=tensor("N", "Int64")))
    assert compare(old, new).verdict == "breaking"
    assert compare(old, new, dtype="float32").reasons == (
        "`ids`: the new model asks for the dtype Int64, and a caller of the old model has Int",
    )
    floats = [
        function(tensor("N", family), x=tensor("N", family)) for family in ("Float", "Float32", "Shaped")
    ]
    for first, second in product(map(manifest_of, floats), repeat=2):
        assert compare(first, second, dtype="float32").verdict == "identical"
    with pytest.raises(ValueError, match="there is no dtype 'flot32'"):
        compare(old, new, dtype="flot32")


ONE = Interface((Input("x", ("x",)),), ("output_0",), Output(0))


def exported(signature: Signature, interface: Interface) -> Manifest:
    return manifest_of(
        signature,
        format="onnx",
        method="export",
        interface=interface,
        digests={"file": "0" * 64},
        guards="none",
    )


def test_what_an_exported_graph_fixes() -> None:
    scaled = function(tensor("N"), x=tensor("N"), scale=(PlainHint("float"), 1.0))
    whole = manifest_of(scaled)
    once = exported(scaled, replace(ONE, fixed=(Fixed(("scale",), 1.0),)))
    twice = exported(scaled, replace(ONE, fixed=(Fixed(("scale",), 2.0),)))
    assert compare(whole, once).reasons == (
        "`scale`: the new model takes 1.0 alone, and the old one takes any",
    )
    assert compare(once, twice).reasons == (
        "`scale`: the new model takes 2.0 alone, and the old one takes 1.0",
    )
    assert compare(once, whole).changes == (
        "`scale`: the old model takes 1.0 alone, and the new one takes any",
    )
    assert compare(once, once).verdict == "identical"
    # Nobody who was written for the old model gives what it has not.
    bare = manifest_of(function(tensor("N"), x=tensor("N")))
    assert compare(bare, once).verdict == "compatible"


def test_what_was_exported_as_none_is_said_once() -> None:
    old = manifest_of(function(tensor("N"), x=tensor("N"), mask=(OptionalHint(tensor("N")), None)))
    none = function(tensor("N"), x=tensor("N"), mask=(PlainHint("None"), None))
    new = exported(none, replace(ONE, fixed=(Fixed(("mask",), None),)))
    assert compare(old, new).reasons == (
        "`mask`: the new model asks for `None`, and a caller of the old model has a tensor, `N`",
    )


def test_how_long_the_lists_of_an_exported_graph_are() -> None:
    images = function(ListHint(tensor("C ?K")), images=ListHint(tensor("C ?H ?W")))
    whole = manifest_of(images)

    def of_length(length: int) -> Manifest:
        inputs = tuple(Input(f"images_{place}", ("images", place)) for place in range(length))
        names = tuple(f"output_{place}" for place in range(length))
        result = Sequence("list", tuple(Output(place) for place in range(length)))
        return exported(images, Interface(inputs, names, result, lengths=(Length(("images",), length),)))

    assert compare(whole, of_length(2)).reasons == (
        "`images`: the new model takes 2 elements, and the old one takes any number",
    )
    assert compare(of_length(2), of_length(3)).reasons == (
        "`images`: the new model takes 3 elements, and the old one takes 2",
    )
    assert compare(of_length(2), whole).verdict == "compatible"
    found = compare(of_length(2), of_length(2))
    assert (found.verdict, found.notes) == ("identical", ())


QUANTIZED = Quantization("static", "x86", "0" * 64, {"conv": LayerScheme("Conv2d", "qint8")})
STATE = {"weight": State("parameter", "float32", (3, 10)), "shift": State("buffer", "float32", (10,))}

NOTES: list[tuple[Mapping[str, Any], Mapping[str, Any], list[str]]] = [
    ({}, {}, []),
    ({}, {"digests": DIGESTS | {"other": "f" * 64}}, []),
    ({}, {"digests": DIGESTS | {"weights": "f" * 64}}, ["the weights differ"]),
    (
        {},
        {"digests": dict.fromkeys(DIGESTS, "f" * 64)},
        ["the weights and constants differ"],
    ),
    (
        {},
        {"digests": DIGESTS | {"code": "f" * 64}},
        ["the weights are the same, the bytes of the code differ (torch writes one code in several orders)"],
    ),
    ({"digests": {}}, {}, ["whether the weights are the same is not known: the old file holds no digests"]),
    ({}, {"mode": "train"}, ["the model is in train mode, and was in eval mode"]),
    ({}, {"guards": "none"}, ["the graph holds guards nowhere, and held them at the outermost module"]),
    (
        {"state": STATE},
        {"state": {"weight": State("parameter", "float16", (3, 5))}},
        ["15 parameters, and there were 30", "parameters and buffers are `float16`, and were `float32`"],
    ),
    ({"state": STATE}, {"quantization": QUANTIZED}, ["the model is quantized (static, x86), and was float"]),
    (
        {"quantization": QUANTIZED},
        {"quantization": replace(QUANTIZED, layers={"conv": LayerScheme("Conv2d", "quint8")})},
        ["1 layer quantized otherwise"],
    ),
    (
        {},
        {"operators": {"mylib::relu2": "libmylib.so"}},
        ["needs the operator mylib::relu2 from libmylib.so, and the old one did not"],
    ),
    (
        {"metadata": {"labels": ["a"], "means": [0.5], "kept": 1}},
        {"metadata": {"labels": ["b"], "author": "me", "kept": 1}},
        ["metadata: `author` is new", "metadata: `means` is gone", "metadata: `labels` is changed"],
    ),
    (
        {},
        {"name": "m.Other", "torch_version": "2.14.0"},
        ["the model is m.Other, and was m.Model", "made by torch 2.14.0, and was by torch 2.13.0"],
    ),
]


@pytest.mark.parametrize(("old", "new", "notes"), NOTES, ids=[str(number) for number in range(len(NOTES))])
def test_notes_have_no_say_in_the_verdict(old: Any, new: Any, notes: list[str]) -> None:
    found = compare(manifest_of("x: N -> N", **old), manifest_of("x: N -> N", **new))
    assert (found.verdict, list(found.notes)) == ("identical", notes)


def test_notes_of_another_format() -> None:
    signature = function(tensor("N"), x=tensor("N"))
    other = Interface((Input("tokens", ("x",)),), ("scores",), Output(0))
    old, new = exported(signature, ONE), exported(signature, other)
    assert compare(manifest_of(signature, guards="none"), new).notes == (
        "the format is ONNX, and was TorchScript: another runtime",
        "whether the weights are the same is not known: the formats differ",
    )
    assert compare(old, replace(new, digests={"file": "1" * 64})).notes == (
        "the graph's inputs are `tokens`, and were `x`",
        "the graph's outputs are `scores`, and were `output_0`",
        "the files differ: in weights, or in the graph",
    )


def test_archives_by_their_paths() -> None:
    found = compare(GOLDEN / "4-classifier.pt", str(GOLDEN / "4-traced.pt"))
    assert found.reasons == ("a caller of the old model passes `scale`, which the new model does not take",)
    assert str(found).startswith(
        "breaking: 4-traced.pt can't stand in the place of 4-classifier.pt, for 1 reason\n"
    )
    assert found.to_dict()["old"] == "4-classifier.pt"
    with pytest.raises(ArchiveError, match=r"no\.pt: can't be read"):
        compare(GOLDEN / "no.pt", GOLDEN / "4-traced.pt")


GOLDENS = sorted(path.name for path in GOLDEN.glob("[0-9]-*.pt*"))


@pytest.mark.parametrize("name", GOLDENS)
def test_an_archive_is_identical_to_itself_and_to_that_of_another_schema(name: str) -> None:
    assert compare(GOLDEN / name, GOLDEN / name).verdict == "identical"
    later = GOLDEN / f"4{name[1:]}"
    if later.exists():
        assert compare(GOLDEN / name, later).verdict == "identical"


def test_nothing_in_a_file_moves_a_cursor() -> None:
    signature = function(tensor("N"), x=tensor("N"), mode=(PlainHint("str"), "a\x1b[2J\n"))
    other = function(tensor("N"), x=tensor("N"), mode=(PlainHint("str"), "b"))
    new = manifest_of(other, name="m.\x1b[2J", metadata={"\x1b[2J\n": 1}, operators={"\x1b::x": "\x1b"})
    assert all(line.isprintable() for line in str(compare(manifest_of(signature), new)).splitlines())


def test_a_signature_without_meaning_is_refused() -> None:
    signature = parse_signature("x: N 2*K -> N")
    bad = replace(
        manifest_of("x: N -> N"),
        methods={"forward": Method(signature, build_plan(parse_signature("x: N -> N")))},
    )
    with pytest.raises(ArchiveError, match=r"a signature has no meaning .*`K`"):
        compare(manifest_of("x: N -> N"), bad)


class Array:
    """A tensor of a dtype, as far as matching asks."""

    shape = (2,)

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype

    def stride(self) -> tuple[int, ...]:
        return strides_of(self.shape)


KINDS = (
    "Shaped",
    "Bool",
    "Int",
    "UInt8",
    "Integer",
    "Int64",
    "Float",
    "Float16",
    "Float32",
    "Real",
    "Num",
    "Complex64",
)
SAMPLES = (
    "bool",
    "int8",
    "int64",
    "uint8",
    "float16",
    "float32",
    "float64",
    "complex64",
    "complex128",
    "bits8",
)


def takes(family: str, dtype: str, *, result: bool) -> bool:
    """Whether the guard takes a tensor of a dtype as an argument or as the result."""
    hint = tensor("N", family)
    signature = function(hint, x=tensor("N", "Shaped")) if result else function(PlainHint("Any"), x=hint)
    value = Array("float32") if result else Array(dtype)
    call = Explanation(signature, build_plan(signature), {"x": value}, {TENSOR: Array})
    if call.arguments():
        return False
    return not call.result(Array(dtype)) if result else True


@pytest.mark.parametrize("result", [False, True])
def test_dtypes_agree_with_the_guards(result: bool) -> None:
    taken = {family: {dtype for dtype in SAMPLES if takes(family, dtype, result=result)} for family in KINDS}
    for old, new in product(KINDS, repeat=2):
        sides = [
            manifest_of(
                function(tensor("N", one), x=tensor("N", "Shaped"))
                if result
                else function(PlainHint("Any"), x=tensor("N", one))
            )
            for one in (old, new)
        ]
        given, asked = (new, old) if result else (old, new)
        expected = (
            "breaking" if not taken[given] <= taken[asked] else "identical" if old == new else "compatible"
        )
        assert compare(*sides).verdict == expected, (old, new)


def pair_of(seed: int) -> Pair:
    try:
        return draw_pair(seed)
    except AnnotationError:
        assume(False)
        raise


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_what_is_no_break_has_no_counterexample(seed: int) -> None:
    """What the old guard takes, the new guard takes; what the new one promises, the old one lets pass."""
    pair = pair_of(seed)
    found = compare(manifest_of(pair.old), manifest_of(pair.new))
    if found.verdict != "breaking":
        assert counterexample(pair) is None, pair
    if found.verdict == "identical":
        assert counterexample(Pair(pair.new, pair.old, pair.reckons)) is None, pair


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32), st.integers(0, 2**32))
def test_what_follows_from_two_comparisons(first: int, second: int) -> None:
    """A model is identical to itself; and who can stand in the place of one that can, can too."""
    one, two = pair_of(first), pair_of(second)
    models = [manifest_of(side) for side in (one.old, one.new, two.old, two.new)]
    for model in models:
        assert compare(model, model).verdict == "identical"
    fits = {(a, b): compare(models[a], models[b]) for a, b in product(range(4), repeat=2) if a != b}
    for (a, b), (c, d) in product(fits, repeat=2):
        if b != c or a == d or "breaking" in (fits[a, b].verdict, fits[c, d].verdict):
            continue
        undecided = any("can't be decided" in text for text in fits[a, d].reasons)
        assert fits[a, d].verdict != "breaking" or undecided, (models[a], models[b], models[d])


def test_a_golden_manifest_takes_the_calls_of_its_text() -> None:
    manifest = read_manifest(GOLDEN / "4-classifier.pt")
    text = manifest_of(str(manifest.signature).replace(", scale: float = 1.0", ""))
    # A text says nothing of dtypes: it may be called with integers.
    assert compare(text, manifest).reasons == (
        "`image`: the new model asks for the dtype Float, and a caller of the old model has any",
    )
    assert compare(text, manifest, dtype="float32").verdict == "compatible"
