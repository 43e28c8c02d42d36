"""A model in every form that is measured: files with their sizes, calls, and the seconds of each step."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from interleave import Call, Series, interleave
from quantized_models import (
    encoder,
    features,
    image,
    mobilenet_v2,
    mobilenet_v3_large,
    resnet50,
    text,
    text_lstm,
)
from quantized_rivals import Clock, dynamic_by_hand, static_by_hand
from torch import Tensor, nn

import namedtorch
from namedtorch import checking, lower

FLOAT = "float, eager"
GUARDED = "float, eager, guards on"
FLOAT_GRAPH = "float, scripted, frozen"
EAGER = "int8, eager"
GRAPH = "int8, scripted, frozen"
HAND = "int8 by torch.ao alone"
FLOAT_MOBILE = 'float, `optimize="mobile"`'

ARCHIVE, LITE = "pt", "ptl"

CALIBRATION = 4
"""Batches of one that scales come from."""

CONVERSIONS = ("aten::quantize_per_tensor", "aten::dequantize")
"""The operators from floats to integers, and back."""

WARM_UP = 5
"""Calls in which TorchScript gets to know its inputs and compiles for them."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A model, an input of it, how it is quantized, and its bars: times as fast, share of the file, megabytes."""

    part: str
    what: str
    make: Callable[[], nn.Module]
    input: Callable[[], Tensor]
    method: Literal["static", "dynamic"]
    faster: float | None = None
    smaller: float | None = None
    megabytes: float | None = None
    skip: tuple[str, ...] = ()
    talk: str = ""


SUBJECTS = (
    Subject(
        "lstm",
        "LSTM, 50k x 512 -> 1024, 50 steps",
        text_lstm,
        text,
        "dynamic",
        faster=3.5,
        smaller=0.27,
    ),
    Subject(
        "lstm",
        "the same, embeddings left float",
        text_lstm,
        text,
        "dynamic",
        faster=3.5,
        skip=("words",),
        talk="5 s -> 1.6 s, 169 -> 134 MB",
    ),
    Subject(
        "mobilenet_v2",
        "MobileNetV2",
        mobilenet_v2,
        image,
        "static",
        faster=4.5,
        smaller=0.28,
    ),
    Subject(
        "mobilenet_v3",
        "MobileNetV3-Large",
        mobilenet_v3_large,
        image,
        "static",
        faster=3.6,
        megabytes=6.0,
        talk="22 -> 5.6 MB, 4.3 times on a phone",
    ),
    Subject(
        "resnet50",
        "ResNet-50",
        resnet50,
        image,
        "static",
        faster=4.5,
        talk="2 times",
    ),
    Subject(
        "encoder",
        "Transformer encoder, 6 x 512",
        encoder,
        features,
        "dynamic",
        smaller=0.26,
        talk="a quarter of the size",
    ),
)


@dataclass(frozen=True, slots=True)
class Result:
    """What a quantized form gives: its distance from the float results as a share of them, and its operators.

    `quantized` are operators on integers, `conversions` those between integers and floats.
    """

    error: float
    quantized: int
    conversions: int


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of a call of each form by round, bytes of files, seconds of steps, and results of quantized forms."""

    subject: Subject
    calls: Mapping[str, Series]
    float_bytes: Mapping[str, int]
    bytes: Mapping[str, int]
    steps: Mapping[str, float]
    steps_by_hand: Mapping[str, float]
    results: Mapping[str, Result]
    stayed: Mapping[str, str]

    def faster(self, form: str) -> Series:
        """How many times as fast as the float model in eager mode a form is."""
        return self.calls[FLOAT].over(self.calls[form])

    @property
    def share(self) -> float:
        """The share of the float archive's size."""
        return self.bytes[ARCHIVE] / self.float_bytes[ARCHIVE]


def measured(subject: Subject, rounds: int, threads: int) -> Measured:
    """Quantizes a model and by hand, saves it, loads it, and lets all forms take turns."""
    torch.manual_seed(0)
    model = subject.make()
    data = [subject.input() for _ in range(CALIBRATION)]
    with tempfile.TemporaryDirectory() as temporary, torch.no_grad():
        folder = Path(temporary)
        quantized, frozen, loaded, steps = _quantized(subject, model, data, folder)
        floating = lower(model, verify=False)
        floating.save(folder / f"float.{ARCHIVE}")
        floating.save(folder / f"float.{LITE}")
        by_hand = (
            static_by_hand(model, data) if subject.method == "static" else dynamic_by_hand(model, data[0])
        )
        forms: dict[str, Callable[..., Any]] = {
            FLOAT: unchecked(model),
            GUARDED: model,
            FLOAT_GRAPH: floating.freeze(),
            EAGER: quantized,
            GRAPH: loaded,
        }
        graphs: dict[str, Any] = {GRAPH: frozen.module}
        if not subject.skip:  # by hand all is quantized
            forms[HAND] = graphs[HAND] = by_hand.graph
        sizes = {file.name: file.stat().st_size for file in folder.iterdir()}
        return Measured(
            subject,
            turns(forms, (subject.input(),), rounds, threads),
            {suffix: sizes[f"float.{suffix}"] for suffix in (ARCHIVE, LITE)},
            {suffix: sizes[f"int8.{suffix}"] for suffix in (ARCHIVE, LITE)},
            steps,
            by_hand.seconds,
            {form: _result(forms[form], graphs[form], model, data) for form in graphs},
            quantized.quantization.stayed,
        )


def mobile(rounds: int, threads: int) -> dict[str, Series]:
    """Seconds of the MobileNetV2 in float: eager, and as `optimize="mobile"` leaves it, on an image of its layout."""
    torch.manual_seed(0)
    model, example = mobilenet_v2(), image()
    graph = lower(model, optimize="mobile", verify=False)
    last = example.contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        forms = {
            FLOAT: Call(unchecked(model), (example,)),
            FLOAT_GRAPH: Call(lower(model, verify=False).freeze(), (example,)),
            FLOAT_MOBILE: Call(graph, (last,)),
        }
        _warm_up(forms)
        return interleave(forms, rounds, threads=threads)


def turns(
    forms: Mapping[str, Callable[..., Any]], arguments: tuple[Any, ...], rounds: int, threads: int
) -> dict[str, Series]:
    """Seconds of a call of each form, by round, after a warm-up with the same number of threads."""
    calls = {name: Call(form, arguments) for name, form in forms.items()}
    _warm_up(calls)
    return interleave(calls, rounds, threads=threads)


def unchecked(model: nn.Module) -> Callable[..., Any]:
    """A call of a model as if it were plain torch: without its guards."""

    def call(*arguments: Any) -> Any:
        with checking("off"):
            return model(*arguments)

    return call


def _quantized(
    subject: Subject, model: nn.Module, data: Sequence[Tensor], folder: Path
) -> tuple[namedtorch.Quantized, namedtorch.Lowered, Callable[..., Any], dict[str, float]]:
    """The quantized model, lowered and frozen, loaded of its file, and the seconds of each step."""
    clock = Clock()
    if subject.method == "static":
        prepared = namedtorch.prepare(model, "static", skip=subject.skip)
        clock.mark("prepare")
        for one in data:
            prepared(one)
        clock.mark("calibrate")
        quantized = prepared.convert()
    else:
        quantized = namedtorch.quantize(model, "dynamic", skip=subject.skip)
    clock.mark("convert")
    lowered = lower(quantized, verify=False)
    clock.mark("lower")
    frozen = lowered.freeze()
    clock.mark("freeze")
    frozen.save(folder / f"int8.{ARCHIVE}")
    clock.mark("save")
    loaded = namedtorch.load(folder / f"int8.{ARCHIVE}")
    clock.mark("load")
    lower(quantized)
    clock.mark("lower, verified")
    frozen.save(folder / f"int8.{LITE}")
    return quantized, frozen, loaded, clock.seconds


def _result(form: Callable[..., Any], script: Any, model: nn.Module, data: Sequence[Tensor]) -> Result:
    """The results of a form on the data that it was calibrated with, and the operators of its graph."""
    expected = torch.cat([model(one) for one in data])
    found = torch.cat([form(one) for one in data])
    kinds = [node.kind() for block in _blocks(script.inlined_graph) for node in block.nodes()]
    return Result(
        ((found - expected).norm() / expected.norm()).item(),
        sum(kind.startswith(("quantized::", "aten::quantized_")) for kind in kinds),
        sum(kind in CONVERSIONS for kind in kinds),
    )


def _blocks(block: Any) -> Iterator[Any]:
    """A graph, and all blocks in it."""
    yield block
    for node in block.nodes():
        for inner in node.blocks():
            yield from _blocks(inner)


def _warm_up(calls: Mapping[str, Call]) -> None:
    for call in calls.values():
        for _ in range(WARM_UP):
            call.function(*call.arguments)


def parts() -> Iterator[str]:
    """The names of the parts, in order."""
    yield from dict.fromkeys(subject.part for subject in SUBJECTS)
