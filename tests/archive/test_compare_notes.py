"""What two models differ in besides what they take and give."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from namedtorch.archive.compare import compare
from namedtorch.archive.interface import Input, Interface, Output
from namedtorch.archive.manifest import Manifest, State
from namedtorch.archive.quantization import LayerScheme, Quantization
from tests.archive.compare_models import DIGESTS, ONE, exported, function, manifest_of, tensor

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
        [
            (
                "the weights are the same; whether the code is, is not known: its bytes differ (torch writes one code "
                "in several orders)"
            )
        ],
    ),
    (
        {"stages": ("freeze",)},
        {"digests": DIGESTS | {"constants": "f" * 64}, "stages": ("mobile",)},
        ["the constants differ"],
    ),
    (
        {},
        {"digests": dict.fromkeys(DIGESTS, "f" * 64), "stages": ("freeze", "mobile")},
        ["whether the weights are the same is not known: the new model is frozen, and has them in its graph"],
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


LAYOUTS = [
    # Names do not matter, and these are no other names.
    ("image: N C H W -> N 10", "image: N H W C -> N 10", "identical", ("`image`", "N H W C", "N C H W")),
    ("image: N C=3 H W -> N", "image: N H W C=3 -> N", "breaking", ("`image`", "N H W C", "N C H W")),
    ("x: N -> K N", "x: N -> N K", "breaking", ("the result", "N K", "K N")),
    ("x: *a C -> C", "x: C *a -> C", "breaking", ("`x`", "C *a", "*a C")),
    ("image: N C H W -> N 10", "image: batch channels H W -> batch 10", "identical", None),
    ("x: N N -> N", "x: N N -> N", "identical", None),
]


@pytest.mark.parametrize(("old", "new", "verdict", "said"), LAYOUTS)
def test_the_same_names_in_another_order_are_told(
    old: str, new: str, verdict: str, said: tuple[str, str, str] | None
) -> None:
    found = compare(manifest_of(old), manifest_of(new))
    notes: tuple[str, ...] = ()
    if said is not None:
        what, now, was = said
        notes = (
            f"{what} has the same dims in another order, `{now}`, and had `{was}`: is it another layout?",
        )
    assert (found.verdict, found.notes) == (verdict, notes)
    again = compare(manifest_of("x: N -> N", old), manifest_of("x: N -> N", new))
    assert [one.replace(" of `encode`", "") for one in again.notes] == list(notes)


def test_with_which_dtype_the_new_model_does_is_told() -> None:
    def taking(family: str, *shapes: str) -> Manifest:
        given = {f"x{place}": tensor(shape, family) for place, shape in enumerate(shapes)}
        return manifest_of(function(tensor("N", family), **given))

    told = "where callers give and expect float32, the new model is {} (--dtype float32)"
    found = compare(taking("Float", "N"), taking("Float32", "N"))
    assert (found.verdict, found.notes) == ("breaking", (told.format("identical"),))
    assert compare(taking("Float", "N 3"), taking("Float32", "N C")).notes == (told.format("compatible"),)
    # Something else breaks, too.
    assert compare(taking("Float", "N"), taking("Float32", "N M")).notes == ()
    assert compare(taking("Float", "N"), taking("Float32", "N"), dtype="float64").notes == ()


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
