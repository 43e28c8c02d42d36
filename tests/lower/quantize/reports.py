"""Reports made of numbers, for tests of what is written of them."""

import math
from dataclasses import replace
from typing import Any

from namedtorch.archive.quantization import LayerScheme, Quantization
from namedtorch.dims.unknown import Unknown
from namedtorch.lower.latency import Timing
from namedtorch.lower.quantize.footprint import Footprint
from namedtorch.lower.quantize.latency_rows import Form, Latency, Left, Row
from namedtorch.lower.quantize.machine import Machine
from namedtorch.lower.quantize.metrics import Change, Judgement
from namedtorch.lower.quantize.noise import LayerNoise, ModelNoise, Noise
from namedtorch.lower.quantize.report import QuantizationReport


def timing(milliseconds: float, samples: int) -> Timing:
    """Rounds around a median."""
    return Timing(tuple(milliseconds * 1e-3 * one for one in (0.9, 1.0, 1.2)), 1, samples)


def row(size: int) -> Row:
    """A quantized model that is four times as fast as the float one."""
    times = {
        Form.FLOAT_EAGER: timing(10.0 * size, size),
        Form.FLOAT: timing(8.0 * size, size),
        Form.QUANTIZED_EAGER: timing(3.0 * size, size),
        Form.QUANTIZED: timing(2.0 * size, size),
    }
    return Row({"N": size, "T": 16}, size, times)


def noise(decibels: float) -> Noise:
    """Noise on a signal of 1."""
    return Noise(1.0, 10 ** (-decibels / 10), 100)


def layer(path: str, output: float, own: float = 30.0, so_far: float = 25.0, **more: Any) -> LayerNoise:
    """The noise of a layer, in decibels."""
    return LayerNoise(path, "Linear", 2, noise(so_far), noise(own), noise(output), **more)


SCHEME = LayerScheme("Linear", "qint8", "quint8", "per_channel", 0, "out", ("ReLU",))

PLAIN = QuantizationReport(
    name="Tagger",
    signature="x: N T 6 -> N 3",
    quantization=Quantization(
        "static",
        "x86",
        "0" * 64,
        {"embed": SCHEME, "head": LayerScheme("Linear", "qint8")},
        {"lstm": "it is skipped, by `lstm`", "norm": "torch has no quantized form of it"},
    ),
    before=Footprint(1_000_000, 4_000_000, {".pt": 4_100_000}),
    after=Footprint(1_000_000, 1_000_000, {".pt": 1_066_000}),
    latency=Latency((row(1), row(8)), (Left({"N": 64}, "a call of each form takes 9.10 s"),), "N", 1, 5),
    judgement=Judgement(
        (Change("accuracy", 0.97, 0.96, 0.01, 0.02), Change("worst class", 0.9, 0.6, 0.3, 0.02))
    ),
    noise=ModelNoise(noise(20.0), (layer("embed", 40.0), layer("head", 20.0)), ("attention",), 2),
    steps=(),
    machine=Machine("A Processor", 2, "AVX512", "Linux x86_64", "2.13.0", "x86", 1),
    notes=("A note.",),
)
"""A report in which one of two metrics is lost, and `head` costs most."""

HOSTILE = "<script>alert('$x_1$')</script>\"&{{ 7*7 }}\x1b[31m"
"""A name that would run, or move a cursor, if it were not escaped."""

ODD = replace(
    PLAIN,
    name=HOSTILE,
    signature="x: N -> N",
    quantization=Quantization("dynamic", "x86", "0" * 64, {HOSTILE: SCHEME}, {HOSTILE: HOSTILE}),
    before=replace(PLAIN.before, unsaved={".ptl": HOSTILE}),
    latency=Latency((), (Left({}, HOSTILE),), "", 1, 5),
    judgement=Judgement((Change(HOSTILE, 1.0, -math.inf, math.inf, 0.0), Change("字 é", 0.0, 0.0, 0.0, 0.0))),
    noise=ModelNoise(
        Noise(apart=1),
        (
            LayerNoise(HOSTILE, HOSTILE, 9, Noise(1.0, 0.0, 3), Noise(0.0, 1.0, 3, broken=1), why=HOSTILE),
            layer("字", 12.0),
        ),
        (HOSTILE,),
        1,
    ),
    notes=(HOSTILE,),
)
"""A report in which every name is hostile, and numbers are infinite, lost or not known."""

BARE = replace(
    PLAIN,
    quantization=Quantization("dynamic", "x86", "0" * 64),
    before=Footprint(0, 0),
    after=Footprint(0, 0),
    latency=Latency((), (), "", 1, 5),
    judgement=Judgement(()),
    noise=Unknown,
    notes=(),
)
"""A report that knows nothing but the names."""
