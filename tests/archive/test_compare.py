"""Whether a model can stand in the place of another: by table, by golden text, and against the guards themselves."""

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
from namedtorch.archive.manifest import Manifest, Method
from namedtorch.diagnostics import AnnotationError, ArchiveError
from namedtorch.dims.layout import strides_of
from namedtorch.signature.explain import Explanation
from namedtorch.signature.hint_json import ELIDED
from namedtorch.signature.hints import TENSOR, OptionalHint, PlainHint, RecordHint
from namedtorch.signature.plan import build_plan
from namedtorch.signature.text import parse_signature
from tests.archive.compare_models import function, manifest_of, tensor
from tests.signature.calls_by_size import Pair, counterexample, draw_pair

GOLDEN = Path(__file__).parent / "golden"
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


def test_a_default_that_no_manifest_holds() -> None:
    def sized(size: Any) -> Manifest:
        return manifest_of(function(tensor("N"), x=tensor("N"), size=(PlainHint("Any"), size)))

    unknown = "whether the default of `size` is the same is not known: no manifest holds it"
    # A model in memory has what its file has not.
    for one in (ELIDED, (2, 2)):
        found = compare(sized(ELIDED), sized(one))
        assert (found.verdict, found.notes) == ("identical", (unknown,))
    assert compare(sized(3), sized(ELIDED)).changes == (
        "`size` is a value that no manifest holds where it is left out, and was 3: such a call computes something else",
    )


def test_fields_of_records_keep_their_places() -> None:
    """Fields are taken by name where a record is given; a plain tuple, and a result that is unpacked, go by place."""

    def record(*names: str) -> RecordHint:
        return RecordHint("State", tuple((name, tensor("N")) for name in names))

    def taking(*names: str) -> Manifest:
        return manifest_of(function(tensor("N"), state=record(*names)))

    def giving(*names: str) -> Manifest:
        return manifest_of(function(record(*names), x=tensor("N")))

    assert compare(taking("h", "c"), taking("c", "h")).reasons[0] == (
        "`state`: the new model asks for `State(c: N, h: N)`, and a caller of the old model has `State(h: N, c: N)` "
        "(fields of a record keep their places: it may be a plain tuple)"
    )
    for one in (taking, giving):
        assert compare(one("h", "c"), one("h", "c")).verdict == "identical"
        for other in (("c", "h"), ("h",), ("h", "c", "m")):
            assert compare(one("h", "c"), one(*other)).verdict == "breaking", other


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
    complexes = [function(tensor("N", family), x=tensor("N", family)) for family in ("Complex", "Complex64")]
    for first, second in product(map(manifest_of, complexes), repeat=2):
        assert compare(first, second, dtype="complex64").verdict == "identical"
    with pytest.raises(ValueError, match="there is no dtype 'flot32'"):
        compare(old, new, dtype="flot32")


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


@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_what_is_no_break_has_no_counterexample(seed: int) -> None:
    """What the old guard takes, the new guard takes; what the new one promises, the old one lets pass."""
    pair = pair_of(seed)
    found = compare(manifest_of(pair.old), manifest_of(pair.new))
    if found.verdict != "breaking":
        assert counterexample(pair) is None, pair
    if found.verdict == "identical":
        assert counterexample(Pair(pair.new, pair.old, pair.reckons)) is None, pair


@settings(max_examples=16, suppress_health_check=list(HealthCheck))
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
