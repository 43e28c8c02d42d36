"""Annotations mean what they mean in jaxtyping: its observed verdicts, case by case."""

import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jaxtyping
import pytest
import torch
from jaxtyping._storage import pop_shape_memo, push_shape_memo

from namedtorch.diagnostics import AnnotationError, DimError
from namedtorch.dims.bindings import Bindings
from namedtorch.signature.annotation import ANNOTATIONS
from namedtorch.signature.hints import TensorHint, read_hint
from namedtorch.syntax.resolve import parse_shape
from tests.signature.deviations import DEVIATIONS, Deviation

Verdict = tuple[bool, dict[str, Any]]
ROOT = Path(__file__).parents[2]
CASES: list[dict[str, Any]] = json.loads((ROOT / "tests/oracles/jaxtyping_cases.json").read_text())["cases"]

# The cases that deviate, by the title of the deviation.
DEVIATING = {
    "s089.0": "A label binds",
    "s090.0": "A label binds",
    "s092.0": "A label binds",
    "s116.0": "Order does not matter",
}


def given(bindings: dict[str, Any]) -> Bindings:
    groups = {
        ("*#" if group["broadcastable"] else "*") + name: tuple(group["shape"])
        for name, group in bindings["variadic"].items()
    }
    return Bindings({**bindings["single"], **groups})


def fits(
    family: str, dtype: str, text: str, sizes: Sequence[int], before: Bindings, arguments: Any
) -> Verdict:
    """Whether a tensor fits, and what is bound then."""
    if not ANNOTATIONS[family].family.takes(dtype):
        return False, dict(before)
    try:
        return True, dict(parse_shape(text).match(sizes, before, arguments))
    except DimError:
        return False, dict(before)


def test_the_file_is_the_one_that_was_observed() -> None:
    assert len(CASES) == 159
    assert version("jaxtyping") == "0.3.11"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']} {case['annotation']}")
def test_the_verdict_is_that_of_jaxtyping(case: dict[str, Any]) -> None:
    before, after = given(case["bindings_before"]), given(case["bindings_after"])
    what = (case["dtype_class"], case["dtype"], case["annotation"])
    ours = fits(*what, case["shape"], before, case["arguments"])
    if case["id"] in DEVIATING:
        assert ours != (case["should_match"], dict(after))
    else:
        assert ours == (case["should_match"], dict(after))


@pytest.mark.filterwarnings("ignore:ComplexHalf support is experimental")
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']} {case['annotation']}")
def test_isinstance_is_that_of_jaxtyping(case: dict[str, Any]) -> None:
    if case["arguments"] or case["bindings_before"] != {"single": {}, "variadic": {}} or case["error"]:
        return
    dtype = getattr(torch, case["dtype"])
    if case["dtype"].startswith("q"):
        value = torch.quantize_per_tensor(torch.zeros(case["shape"]), 1.0, 0, dtype)
    else:
        value = torch.empty(case["shape"], dtype=dtype)
    annotation = ANNOTATIONS[case["dtype_class"]][torch.Tensor, case["annotation"]]
    assert isinstance(value, annotation) == case["should_match"]


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["error_stage"] == "construct"], ids=lambda case: case["id"]
)
def test_what_it_refuses_to_make_is_refused_here(case: dict[str, Any]) -> None:
    with pytest.raises(AnnotationError):
        ANNOTATIONS[case["dtype_class"]][torch.Tensor, case["annotation"]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']} {case['annotation']}")
def test_an_annotation_of_jaxtyping_is_read_alike(case: dict[str, Any]) -> None:
    """Its own objects stand wherever ours do."""
    if case["error_stage"] == "construct":
        return
    theirs = getattr(jaxtyping, case["dtype_class"])[torch.Tensor, case["annotation"]]
    ours = ANNOTATIONS[case["dtype_class"]][torch.Tensor, case["annotation"]]
    hint = read_hint(theirs)
    assert isinstance(hint, TensorHint)
    assert hint == read_hint(ours)


# Each deviation, shown: jaxtyping's verdict and ours, for sizes and what was bound before.
Shown = list[tuple[str, tuple[int, ...], dict[str, int], bool, bool]]
SHOWN: dict[str, Shown] = {
    "A label binds": [
        ("C=3 C", (3, 4), {}, True, False),
        ("C=_ C", (3, 4), {}, True, False),
        ("C=D C", (3, 4), {}, True, False),
    ],
    "A comparison in an axis is an error": [
        ("m>=2", (2,), {}, True, False),
        ("m>=2", (3,), {}, False, False),
    ],
    "Two groups are allowed": [
        ("*a C *b", (2, 3, 4), {"C": 3}, False, True),
        ("... 3 ...", (2, 3), {}, False, True),
    ],
    "Order does not matter": [("a+1 a", (4, 3), {}, False, True), ("(C) C", (3, 3), {}, False, True)],
    "No Python is run": [
        ("C/2", (2,), {"C": 4}, True, False),
        ("C==4", (1,), {"C": 4}, True, False),
        ("abs(C)", (4,), {"C": 4}, True, False),
    ],
    "Sizes are canonical": [("C-C+2", (2,), {}, False, True), ("#C//0", (1,), {"C": 3}, True, False)],
    "A modifier or a label needs a name": [
        ("*", (2, 3), {}, True, False),
        ("C=", (3,), {}, True, False),
        ("=3", (3,), {}, True, False),
    ],
    "Some words are taken": [("N where", (2, 3), {}, True, False)],
}


def theirs(text: str, sizes: tuple[int, ...], single: dict[str, int]) -> bool:
    memo = push_shape_memo({})
    memo[0].update(single)
    try:
        return isinstance(torch.zeros(sizes), jaxtyping.Float[torch.Tensor, text])
    except (ValueError, TypeError, ArithmeticError, jaxtyping.AnnotationError):
        return False
    finally:
        pop_shape_memo()


@pytest.mark.parametrize("deviation", DEVIATIONS, ids=lambda deviation: deviation.title)
def test_a_deviation_is_one(deviation: Deviation) -> None:
    for text, sizes, single, there, here in SHOWN[deviation.title]:
        assert theirs(text, sizes, single) == there, text
        assert fits("Float", "float32", text, sizes, Bindings(single), {})[0] == here, text


def test_the_docs_list_every_deviation() -> None:
    page = (ROOT / "docs/jaxtyping.md").read_text(encoding="utf-8")
    listed = [line.removeprefix("### ") for line in page.splitlines() if line.startswith("### ")]
    assert listed == [deviation.title for deviation in DEVIATIONS]
    assert set(DEVIATING.values()) <= set(listed)
    for deviation in DEVIATIONS:
        section = page.split(f"### {deviation.title}\n")[1].split("\n##")[0]
        assert deviation.reason in section.replace("\n", " ")
        for example in deviation.examples:
            assert f"`{example}`" in section, example
