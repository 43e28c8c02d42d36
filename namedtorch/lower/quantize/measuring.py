"""Measuring: a quantized model beside its float one, in everything that the report says."""

from collections.abc import Sequence
from dataclasses import replace

from namedtorch.diagnostics import LowerError
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.lower.entry import lower
from namedtorch.lower.given_example import Inputs, Sizes
from namedtorch.lower.latency import threaded
from namedtorch.lower.lowered import Lowered
from namedtorch.lower.modules import copied
from namedtorch.lower.quantize.footprint import footprint
from namedtorch.lower.quantize.latency_rows import Form
from namedtorch.lower.quantize.machine import machine
from namedtorch.lower.quantize.metrics import Judgement, judged, measured_metrics
from namedtorch.lower.quantize.noise import ModelNoise
from namedtorch.lower.quantize.probes import model_noise
from namedtorch.lower.quantize.quantized import BUDGET, Quantized
from namedtorch.lower.quantize.report import QuantizationReport
from namedtorch.lower.quantize.settings import using
from namedtorch.lower.quantize.timing import BATCHES, latency

_SUFFIXES = (".pt", ".ptl")
"""The files that a lowered model is saved to."""


def measured(
    quantized: Quantized,
    *,
    batch_sizes: Sequence[int] | None = None,
    sizes: Sizes | None = None,
    rounds: int = 30,
    threads: int = 1,
    files: Sequence[str] = (".pt",),
    budget: float = BUDGET,
) -> QuantizationReport:
    """Measures a quantized model and the float one that it was made of, in turns where it is about time.

    The latency is that of `batch_sizes`, however long it takes, by default of batches of 1 and 8, as far as half of
    `budget` seconds allows; in `sizes` of other dims ({"T": 32}), else those of the data. The other half of the budget
    is for the cost of single layers, the noisiest first. `files` are the suffixes of the files to weigh (".pt",
    ".ptl"). The user's metrics are called once for each model, or taken from what `auto` measured. Raises LowerError
    for sizes that can't be measured; what a metric raises passes through.
    """
    _check(batch_sizes, rounds, threads, budget, files)
    done = quantized.quantization
    with using(done.engine):
        # First, as functions of the user's fail soonest.
        judgement = _judgement(quantized)
        samples, notes = _samples(quantized)
        before, why = _deployed(_float(quantized), "float")
        notes += why
        after, why = _deployed(quantized, "quantized")
        notes += why
        forms = {
            Form.FLOAT_EAGER: quantized.float_module,
            Form.QUANTIZED_EAGER: quantized.module,
        }
        if before is not None and after is not None:
            forms |= {Form.FLOAT: before.module, Form.QUANTIZED: after.module}
        with threaded(threads):
            noise, why = _noise(quantized, samples, budget / 2)
        notes += why
        report = QuantizationReport(
            name=quantized.subject.label,
            signature=str(quantized.signature),
            quantization=done,
            before=footprint(quantized.float_module.body, before, files),
            after=footprint(quantized.body, after, files),
            latency=latency(
                quantized,
                forms,
                samples,
                batch_sizes=batch_sizes,
                sizes=sizes,
                rounds=rounds,
                threads=threads,
                budget=budget / 2,
            ),
            judgement=judgement,
            noise=noise,
            steps=quantized.steps,
            machine=machine(done.engine, threads),
            notes=(),
        )
    if not batch_sizes and not sizes and report.latency.batch:
        usual = " and ".join(map(str, BATCHES))
        notes.append(
            f"Batches are of {usual}: quantized.measured(batch_sizes=(...,), sizes={{...}}) measures others."
        )
    if not quantized.metrics:
        notes.append(
            "No metric was given: quantize(..., metrics={'accuracy': accuracy}) compares what counts."
        )
    return replace(report, notes=tuple(notes))


def _check(
    batch_sizes: Sequence[int] | None, rounds: int, threads: int, budget: float, files: Sequence[str]
) -> None:
    """Raises LowerError for what is no number of anything, and no suffix of a file."""
    if isinstance(batch_sizes, int):
        raise LowerError(f"batch_sizes are one or more sizes: batch_sizes=({batch_sizes},)")
    for suffix in files:
        if suffix not in _SUFFIXES:
            listed = ", ".join(f'"{one}"' for one in _SUFFIXES)
            raise LowerError(
                f"files holds {suffix!r}, and is suffixes of the files to weigh: files=({listed})"
            )
    if batch_sizes is not None and not batch_sizes:
        raise LowerError("batch_sizes is empty: give sizes, batch_sizes=(1, 8), or leave it out")
    counts = [("rounds", rounds), ("threads", threads)]
    counts += [("batch_sizes", size) for size in batch_sizes or ()]
    for name, count in counts:
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise LowerError(f"{name} holds {count!r}, which is no whole number of 1 or more")
    if not budget >= 0:
        raise LowerError(f"budget={budget!r} is no time in seconds")


def _float(quantized: Quantized) -> Quantized:
    """The float model in the place of the quantized one: lowered the same way, behind the same guard."""
    plain = replace(quantized.quantization, layers={}, stayed={})
    return replace(quantized, module=quantized.float_module, quantization=plain)


def _samples(quantized: Quantized) -> tuple[list[Inputs], list[str]]:
    try:
        return list(quantized.samples()), []
    except LowerError as error:
        return [], [f"No inputs are known: {_headline(error)}"]


def _deployed(model: Quantized, which: str) -> tuple[Lowered | None, list[str]]:
    """A model as it is deployed, scripted and frozen, as far as it can be; and what it can't."""
    notes: list[str] = []
    try:
        try:
            lowered = lower(model, verify=False)
        except LowerError:
            lowered = lower(model, method="auto", verify=False)
            notes.append(f'Of the {which} model TorchScript takes parts only as traces (method="auto").')
    except LowerError as error:
        return None, [f"The {which} model was not lowered: {_headline(error)}"]
    try:
        return lowered.freeze(), notes
    except LowerError as error:
        return lowered, [*notes, f"The {which} model was not frozen: {_headline(error)}"]


def _noise(
    quantized: Quantized, samples: Sequence[Inputs], budget: float
) -> tuple[ModelNoise | UnknownType, list[str]]:
    """The noise, measured on copies, as hooks and calls leave traces in modules."""
    if not samples:
        return Unknown, ["Without inputs there is no signal to noise."]
    kinds = {path: one.kind for path, one in quantized.quantization.layers.items()}
    body, reference = copied(quantized.body, False), copied(quantized.reference, False)
    return model_noise(body, reference, kinds, samples, budget=budget), []


def _judgement(quantized: Quantized) -> Judgement:
    """The user's metrics of both models; those of the candidate that `auto` took are known."""
    metrics = quantized.metrics
    taken = [one for one in quantized.steps if one.accepted]
    if len(taken) == 1 and metrics.keys() <= taken[0].metrics.keys() & taken[0].float_metrics.keys():
        return judged(metrics, taken[0].float_metrics, taken[0].metrics)
    return judged(
        metrics,
        measured_metrics(metrics, quantized.float_module),
        measured_metrics(metrics, quantized.module),
    )


def _headline(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
