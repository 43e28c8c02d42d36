"""What a person and a program read of a quantized archive."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from namedtorch.archive.container import Archive
from namedtorch.archive.inspect import describe, to_dict
from namedtorch.archive.manifest import Manifest, State
from namedtorch.archive.quantization import LayerScheme, Quantization

DIGEST = "0123456789abcdef" * 4
CONV = LayerScheme("Conv2d", "qint8", "quint8", "per_channel", 0, "out", ("BatchNorm2d", "ReLU"))


def archive_of(
    manifest: Manifest, quantization: Quantization, state: dict[str, State] | None = None
) -> Archive:
    return Archive(Path("m.pt"), 1, False, replace(manifest, quantization=quantization, state=state or {}))


def block(manifest: Manifest, quantization: Quantization, state: dict[str, State] | None = None) -> list[str]:
    """The lines of what is said of the quantization."""
    lines = describe(archive_of(manifest, quantization, state)).split("\n")
    start = next(place for place, line in enumerate(lines) if line.startswith("  quantized: "))
    return [line.removeprefix("  ") for line in lines[start : lines.index("", start)]]


def static(layers: dict[str, LayerScheme], stayed: dict[str, str] | None = None) -> Quantization:
    return Quantization("static", "x86", DIGEST, layers, stayed or {})


def test_a_network_of_convolutions(manifest: Manifest) -> None:
    layers = {f"features.{place}": CONV for place in range(52)}
    layers["classifier"] = LayerScheme("Linear", "qint8", "quint8")
    state = {
        f"features.{place}.weight": State("packed", "qint8", (8, 4, 3, 3), "out=8 in=4 kh=3 kw=3")
        for place in range(52)
    }
    state["classifier.weight"] = State("packed", "qint8", (10, 8), "out=10 in=8")
    state["classifier.bias"] = State("packed", "float32", (10,), "out=10")
    lines = block(manifest, static(layers, {"head": "skipped"}), state)
    schemes = "52 layers qint8 per channel along `out`, 1 layer qint8 per tensor"
    assert lines == [
        f"quantized: static for x86; {schemes}; activations quint8",
        "  classifier   Linear                       qint8 per tensor   out=10 in=8",
        *(
            f"  features.{place:<2}  Conv2d + BatchNorm2d + ReLU  qint8 along `out`  out=8 in=4 kh=3 kw=3"
            for place in range(11)
        ),
        "  ... and 41 more, all with --json",
        "stayed float: 1 layer",
        "  head: skipped",
    ]
    text = describe(archive_of(manifest, static(layers), state))
    assert "\n  state: 15,066 numbers in 54 packed weights (float32, qint8)\n\n  quantized: " in text
    assert f"\n  twin    the float model whose state is {DIGEST[:12]}" in text


def test_what_all_layers_have_in_common_stands_in_the_heading_alone(manifest: Manifest) -> None:
    layers = {"lstm": LayerScheme("LSTM", "qint8"), "head": LayerScheme("Linear", "qint8")}
    state = {
        "lstm.weight_ih_l0": State("packed", "qint8", (64, 8), "gates=64 in=8"),
        "lstm.weight_hh_l0": State("packed", "qint8", (64, 16), "gates=64 hidden=16"),
        "lstm.bias_ih_l0": State("packed", "float32", (64,), "gates=64"),
        "head.weight": State("packed", "qint8", (4, 16)),
    }
    assert block(manifest, Quantization("dynamic", "qnnpack", DIGEST, layers), state) == [
        "quantized: dynamic for qnnpack; 2 layers qint8 per tensor",
        "  head  Linear  4 16",
        "  lstm  LSTM    gates=64 in=8, gates=64 hidden=16",
    ]


def test_the_model_itself_can_be_the_layer(manifest: Manifest) -> None:
    layers = {"": LayerScheme("Linear", "float16")}
    state = {"weight": State("packed", "float16", (4, 3), "out=4 in=3")}
    assert block(manifest, Quantization("dynamic", "x86", DIGEST, layers), state) == [
        "quantized: dynamic for x86; 1 layer float16",
        "  the model itself  Linear  out=4 in=3",
    ]


@pytest.mark.parametrize(
    ("scheme", "text"),
    [
        (LayerScheme("Add", activation="quint8"), "1 layer without weights; activations quint8"),
        (LayerScheme("Embedding", "quint8", "", "per_channel", 0), "1 layer quint8 per channel along axis 0"),
        (LayerScheme("Linear", "qint8", "", "per_channel"), "1 layer qint8 per channel"),
        (LayerScheme("Linear", "float16"), "1 layer float16"),
    ],
)
def test_schemes_are_said_in_words(manifest: Manifest, scheme: LayerScheme, text: str) -> None:
    assert block(manifest, static({"a": scheme}))[0] == f"quantized: static for x86; {text}"


def test_layers_that_stayed_float_stand_by_their_reason(manifest: Manifest) -> None:
    unable = "LayerNorm has no quantized operator"
    stayed = {f"encoder.{place}.norm": unable for place in range(24)} | {"head": "skipped", "": "too odd"}
    assert block(manifest, static({}, stayed)) == [
        "quantized: static for x86; no layers",
        "stayed float: 26 layers",
        "  the model itself: too odd",
        f"  encoder.0.norm, encoder.1.norm, encoder.2.norm, encoder.3.norm, 20 more: {unable}",
        "  head: skipped",
    ]


def test_many_schemes_are_cut(manifest: Manifest) -> None:
    layers = {
        f"layers.{place}": LayerScheme("Linear", "qint8", f"q{place}", "per_channel", 0, f"d{place}")
        for place in range(40)
    }
    lines = block(manifest, static(layers, {f"l{place}": f"reason {place}" for place in range(40)}))
    assert lines[0] == (
        "quantized: static for x86; 1 layer qint8 per channel along `d0`, 1 layer qint8 per channel along `d1`, "
        "1 layer qint8 per channel along `d2`, 1 layer qint8 per channel along `d3`, 36 layers otherwise; "
        "activations q9, q8, q7, q6, 36 more"
    )
    assert len(lines) == 1 + 13 + 1 + 13


def test_data_says_the_same(manifest: Manifest) -> None:
    state = {
        "conv.weight": State("packed", "qint8", (8, 4, 3, 3), "out=8 in=4 kh=3 kw=3"),
        "conv.bias": State("packed", "float32", (8,), "out=8"),
        "scale": State("buffer", "float32", ()),
    }
    layers = {"": LayerScheme("Net", activation="quint8"), "conv": CONV}
    data = to_dict(archive_of(manifest, static(layers, {"head": "skipped"}), state))
    assert json.loads(json.dumps(data)) == data
    assert (data["parameters"], data["buffers"], data["packed"]) == (0, 1, 8 * 4 * 3 * 3 + 8)
    assert data["quantization"] == {
        "method": "static",
        "engine": "x86",
        "float_digest": DIGEST,
        "layers": [
            {
                "path": "",
                "kind": "Net",
                "fused": [],
                "weight": "",
                "scheme": "per_tensor",
                "axis": None,
                "dim": None,
                "activation": "quint8",
            },
            {
                "path": "conv",
                "kind": "Conv2d",
                "fused": ["BatchNorm2d", "ReLU"],
                "weight": "qint8",
                "scheme": "per_channel",
                "axis": 0,
                "dim": "out",
                "activation": "quint8",
            },
        ],
        "stayed": {"head": "skipped"},
    }
    assert [row["path"] for row in data["state"]] == ["conv.bias", "conv.weight", "scale"]
    assert data["state"][1]["kind"] == "packed"


@pytest.mark.parametrize("hostile", ["\x1b[2J", "a\nb", "\u202e", "x" * 100_000])
def test_names_in_a_file_can_not_move_the_cursor(manifest: Manifest, hostile: str) -> None:
    scheme = LayerScheme(hostile, hostile, hostile, "per_channel", 0, hostile, (hostile,) * 50)
    state = {f"{hostile}.weight": State("packed", hostile, (1, 1), hostile)}
    lines = block(
        manifest, Quantization("dynamic", hostile, DIGEST, {hostile: scheme}, {hostile: hostile}), state
    )
    assert len(lines) == 4
    assert all(line.isprintable() and len(line) < 500 for line in lines)


def test_stages_are_said_in_order(manifest: Manifest) -> None:
    held = replace(archive_of(manifest, static({"conv": CONV})).manifest, stages=("freeze", "mobile"))
    text = describe(Archive(Path("m.ptl"), 1, True, held))
    assert "\n  file    1 bytes, TorchScript, for the lite interpreter too\n" in text
    assert "\n  made    script, freeze, mobile by namedtorch 0.1.0, torch 2.13.0; schema 5, rules 1\n" in text
