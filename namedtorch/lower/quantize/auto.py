"""Auto: the method that suits a model, by where its work is, and by what each candidate loses."""

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import torch

from namedtorch.diagnostics import LowerError
from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.lower.drawing import said
from namedtorch.lower.given_example import Inputs
from namedtorch.lower.quantize.batches import Batches
from namedtorch.lower.quantize.choice import around
from namedtorch.lower.quantize.feeding import KEPT, first_items, repeatable
from namedtorch.lower.quantize.held import Held
from namedtorch.lower.quantize.metrics import Metric, judged, measured_metrics
from namedtorch.lower.quantize.noise import LayerNoise, Noise, noise_between
from namedtorch.lower.quantize.probes import model_noise
from namedtorch.lower.quantize.quantized import Quantized
from namedtorch.lower.quantize.settings import Settings, using
from namedtorch.lower.quantize.steps import Step, path_text
from namedtorch.lower.quantize.subject import Subject
from namedtorch.lower.quantize.workload import Workload, workload_of

Candidate = Literal["dynamic", "static", "qat"]

Make = Callable[[Candidate, Settings, Any], Quantized]
"""Quantizes a model by a method and settings, with data to calibrate with (None without)."""

DECIBELS = 20.0
"""The least ratio of signal to noise in the outputs where there are no metrics: the noise is a tenth of the signal."""

_CONVOLUTIONAL = 2 / 3
_WEIGHTS_BOUND = 1 / 3
"""The part of the multiply-adds in convolutions from which on, and up to which, one method alone comes first."""

_HALF = 0.5
_MOST_SKIPPED = 1 / 4
"""Layers are left float where so few of them make so much of the noise."""

_MOST_ADVISED = 3
"""How many of the costliest layers a user is told of."""

_MOST_LINES = 3
"""What a step says of an error."""

_SECONDS = 20.0
"""How long the noise of layers is looked for."""


def automatic(
    subject: Subject,
    settings: Settings,
    data: Any,
    train: Callable[[Any], Any] | None,
    metrics: Mapping[str, Metric],
    make: Make,
    *,
    batches: int | None = None,
    inputs: Callable[[Any], Any] | None = None,
) -> Quantized:
    """The first candidate whose metrics are within their tolerances, with the path that led there (`steps`).

    Where linear and recurrent layers do the work, weights are quantized dynamically; where convolutions do, with
    calibration, and then by training (`train`). Between them, the few layers that bring most of the noise are left
    float. Without metrics, the outputs have to have a ratio of signal to noise of 20 dB. Raises LowerError, which lists
    the candidates, where none is good enough or none can be made, and for a convolutional model without data.
    """
    if data is not None:
        data = repeatable(data, batches)
    return _Search(subject, settings, data, train, metrics, make, inputs).found()


@dataclass(slots=True)
class _Search:
    """The candidates of one model, tried one by one."""

    subject: Subject
    settings: Settings
    data: Any
    train: Callable[[Any], Any] | None
    metrics: Mapping[str, Metric]
    make: Make
    inputs: Callable[[Any], Any] | None
    floats: Held = field(init=False)
    samples: Sequence[Inputs] = field(init=False)
    before: Mapping[str, float] = field(init=False)
    steps: list[Step] = field(default_factory=list[Step], init=False)
    costly: tuple[str, ...] = field(default=(), init=False)
    small: list[tuple[float, int, Quantized]] = field(
        default_factory=list[tuple[float, int, Quantized]], init=False
    )
    """What is good enough and quantizes little: the share of the weights, the number of the step, the model."""

    def found(self) -> Quantized:
        self.floats = self.subject.held(self.subject.copy())
        self.samples = self._samples()
        work = workload_of(self.floats.body, self.samples[0] if self.samples else None)
        if not any(work.bytes.values()):
            raise LowerError(
                f"nothing in {self.subject.label} can be quantized: it has no layers with weights"
            )
        if work.convolutions >= _CONVOLUTIONAL and not (self._half or self._static() or self._trained()):
            raise LowerError(
                f"{self.subject.label} is convolutional ({work}): its activations are quantized as well, by scales "
                "that come from calibration; give data=, a DataLoader or a list of batches"
            )
        self.before = measured_metrics(self.metrics, self.floats)
        if not self.metrics and not self.samples:
            raise LowerError(
                f"{self.subject.label} has no inputs to compare outputs on, and no metrics: give data=, example= or "
                "metrics="
            )
        why = self._why(work)
        for method in self._methods(work):
            made = self._tried(method, self.settings, why)
            why = ""
            if made is not None and not self.steps[-1].accepted and method != "qat":
                skipped = self._costly(made)
                if skipped:
                    fewer = replace(self.settings, skip=(*self.settings.skip, *skipped))
                    made = self._tried(method, fewer, "", skipped)
            if made is None or not self.steps[-1].accepted:
                continue
            share = _covered(made)
            if self.settings.skip or share is Unknown or share >= _HALF:
                return replace(made, steps=tuple(self.steps), metrics=self.metrics)
            self.small.append((share, len(self.steps) - 1, made))
            self._settle(-1, False, "; those are few")
        if self.small:
            _, index, made = max(self.small, key=lambda one: one[0])
            self._settle(index, True, ", and no other method quantizes more")
            return replace(made, steps=tuple(self.steps), metrics=self.metrics)
        raise LowerError(self._failure(work))

    def _settle(self, index: int, accepted: bool, more: str) -> None:
        """What became of a step in the end."""
        step = self.steps[index]
        self.steps[index] = replace(step, accepted=accepted, reason=step.reason + more)

    def _why(self, work: Workload) -> str:
        """What decides the order of the methods."""
        if self._half:
            return "float16 weights are for dynamic quantization alone"
        if work.convolutions >= _CONVOLUTIONAL:
            return f"the model is convolutional: {work}"
        if work.convolutions <= _WEIGHTS_BOUND:
            return f"the model is bound by its weights: {work}"
        return f"the model is mixed: {work}"

    def _methods(self, work: Workload) -> Iterator[Candidate]:
        """The methods in the order in which they are tried, each when it is known what came of those before."""
        if self._half:
            yield "dynamic"
            return
        if work.convolutions >= _CONVOLUTIONAL:
            # Dynamic quantization would leave the convolutions float.
            yield from self._static()
        elif work.convolutions <= _WEIGHTS_BOUND:
            yield "dynamic"
            if not self.steps[-1].metrics or self.small:
                # Matrices that are no layers; static quantization takes operators as well.
                yield from self._static()
        elif work.stored >= _HALF:
            yield from ("dynamic", *self._static())
        else:
            yield from (*self._static(), "dynamic")
        if not self.small:
            yield from self._trained()

    @property
    def _half(self) -> bool:
        return self.settings.dtype is torch.float16

    def _static(self) -> tuple[Candidate, ...]:
        return () if self.data is None else ("static",)

    def _trained(self) -> tuple[Candidate, ...]:
        return () if self.train is None else ("qat",)

    def _tried(
        self, method: Candidate, settings: Settings, why: str, skipped: tuple[str, ...] = ()
    ) -> Quantized | None:
        """Makes a candidate and measures it, which adds a step; None where that can't be done."""
        first = f"{why}, so {method} comes first; " if why else ""
        words = _words(settings)
        try:
            made = self.make(method, settings, self.data)
        except LowerError as error:
            self._add(method, words, skipped, False, f"{first}it can't be made: {_sentence(error)}")
            return None
        try:
            if not self.metrics:
                self._compared(made, method, words, skipped, first + _covered_text(made))
                return made
            after = measured_metrics(self.metrics, made.module)
        except Exception as error:
            # The metrics of the float model were measured: it is this candidate that can't be called as it is.
            self._add(method, words, skipped, False, f"{first}it can't be measured: {said(error)}")
            return None
        judgement = judged(self.metrics, self.before, after)
        verdict = "it is within the tolerance" if judgement.within else "too much is lost"
        first += _covered_text(made)
        step = Step(
            method,
            after,
            judgement.within,
            f"{first}{verdict}: {judgement}",
            words,
            skipped,
            self.before,
            judgement,
        )
        self.steps.append(step)
        return made

    def _compared(
        self, made: Quantized, method: Candidate, words: str, skipped: tuple[str, ...], first: str
    ) -> None:
        """Judges a candidate by the noise in its outputs, against the float model that it was made of or trained as."""
        noise = Noise()
        with torch.no_grad():
            for args, kwargs in self.samples:
                noise += noise_between(made.float_module(*args, **kwargs), made.module(*args, **kwargs))
        ratio = noise.decibels
        if ratio is Unknown:
            self._add(
                method,
                words,
                skipped,
                False,
                f"{first}its outputs have no numbers to compare, and there are no metrics: give metrics=",
            )
            return
        good = ratio >= DECIBELS
        count = f"{len(self.samples)} sample{'s' * (len(self.samples) > 1)}"
        text = "no noise at all" if ratio == math.inf else f"a ratio of signal to noise of {ratio:.1f} dB"
        rule = f"{DECIBELS:.0f} dB, noise of a tenth of the signal, are {'enough' if good else 'asked for'}"
        self._add(
            method,
            words,
            skipped,
            good,
            f"{first}its outputs on {count} have {text}, and without metrics {rule}",
            {"signal to noise, dB": ratio},
        )

    def _add(
        self,
        method: Candidate,
        words: str,
        skipped: tuple[str, ...],
        accepted: bool,
        reason: str,
        metrics: Mapping[str, float] | None = None,
    ) -> None:
        self.steps.append(Step(method, metrics or {}, accepted, reason, words, skipped, {}))

    def _costly(self, made: Quantized) -> tuple[str, ...]:
        """The few layers that bring most of the noise, by the paths of the float model; none where it is spread."""
        kinds = {path: one.kind for path, one in made.quantization.layers.items()}
        if len(kinds) < 2 or not self.samples:
            return ()
        try:
            with using(self.settings.engine):
                noise = model_noise(made.body, made.reference, kinds, self.samples[:1], budget=_SECONDS)
        except Exception:
            # What goes wrong here leaves the candidate as it is: it was measured.
            return ()
        tree = dict(self.floats.body.named_modules(remove_duplicate=False))

        def known(layers: Sequence[LayerNoise]) -> tuple[str, ...]:
            # A layer that torch takes apart has parts that the float model has not.
            paths = (next(path for path in around(one.path) if path in tree) for one in layers)
            return tuple(dict.fromkeys(path for path in paths if path))

        shares = [(one, share) for one in noise.costliest if (share := noise.share(one)) is not Unknown]
        self.costly = known([one for one, _ in shares[:_MOST_ADVISED]])
        few = shares[: max(1, math.floor(len(kinds) * _MOST_SKIPPED))]
        totals = list(itertools.accumulate(share for _, share in few))
        count = next((number for number, total in enumerate(totals, 1) if total >= _HALF), 0)
        return known([one for one, _ in few[:count]])

    def _samples(self) -> list[Inputs]:
        """Some inputs: those of the data, or drawn ones."""
        signature = self.floats.signature
        if self.data is not None:
            reader = Batches(signature, self.subject.label, self.inputs)
            return [reader.inputs_of(item, place) for item, place in first_items(self.data, KEPT)]
        return self.subject.inputs()[:KEPT]

    def _failure(self, work: Workload) -> str:
        """What was tried, and what a user can do."""
        label = self.subject.label
        unmade = not any(one.metrics for one in self.steps)
        # Of a model that is bound by its weights, static quantization stands in for dynamic that can't be made.
        helps = unmade or work.convolutions > _WEIGHTS_BOUND
        lacks_data = (
            "give data= for static quantization" if self.data is None and helps and not self._half else ""
        )
        tried = path_text(self.steps)
        if unmade:
            head = f"no candidate for {label} can be made and measured"
            advice = [lacks_data] if lacks_data else []
        else:
            what = "within the tolerance" if self.metrics else f"at {DECIBELS:.0f} dB or more"
            head = f"no candidate for {label} is {what}"
            raised = (
                "raise the tolerance" if self.metrics else "give metrics=, which say what the noise costs"
            )
            advice = [raised]
            if self.train is None:
                advice.append(
                    "give train=, a function that trains the model, for quantization-aware training"
                )
            if lacks_data:
                advice.append(lacks_data)
            if self.costly:
                advice.append(
                    f"leave more layers float: those that cost most are {list(self.costly)!r} (skip=)"
                )
        lines = [head, *(f"  {line}" for line in tried.splitlines())]
        if advice:
            lines.append("what to do: " + "; or ".join(advice))
        return "\n".join(lines)


def _words(settings: Settings) -> str:
    """The settings of a candidate in words."""
    if settings.qconfig is not None:
        return f"the given qconfig, {settings.engine}"
    if settings.dtype is torch.float16:
        return f"float16, {settings.engine}"
    return f"int8, {'per channel' if settings.per_channel else 'per tensor'}, {settings.engine}"


def _covered(made: Quantized) -> float | UnknownType:
    """The part of the weights that is quantized; Unknown where there are none."""
    total = sum(one.numel() for one in made.reference.parameters())
    # What is quantized, of layers and of operators, is no parameter any more.
    left = sum(one.numel() for one in made.body.parameters())
    return max(0.0, 1 - left / total) if total else Unknown


def _covered_text(made: Quantized) -> str:
    """The beginning of a sentence about a candidate."""
    share = _covered(made)
    return "" if share is Unknown else f"{share:.0%} of the weights are quantized; "


def _sentence(error: Exception) -> str:
    """What an error says on its first lines."""
    lines = [line.strip().rstrip(";:") for line in str(error).strip().splitlines()]
    return "; ".join(lines[:_MOST_LINES])
