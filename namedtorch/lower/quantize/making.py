"""Making: a quantized model by one method, with all that is said of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from torch import nn

from namedtorch.archive.quantization import Quantization
from namedtorch.diagnostics import LowerError
from namedtorch.lower.given_example import Inputs
from namedtorch.lower.modules import copied
from namedtorch.lower.quantize.converted import Converted
from namedtorch.lower.quantize.dynamic import dynamic
from namedtorch.lower.quantize.feeding import fed, repeatable
from namedtorch.lower.quantize.float_state import state_digest
from namedtorch.lower.quantize.measuring import measured
from namedtorch.lower.quantize.metrics import Metric
from namedtorch.lower.quantize.prepared import Prepared, Strayed
from namedtorch.lower.quantize.quantized import Quantized
from namedtorch.lower.quantize.settings import Settings
from namedtorch.lower.quantize.subject import Subject

Made = Literal["dynamic", "static", "qat"]
"""The methods that make a model; "auto" chooses among them."""

_LOOKED_AT = 2
"""How many batches a prepared model is held against the float one with."""


@dataclass(frozen=True, slots=True)
class Making:
    """What makes quantized models of a subject, with all that a user gave beside data and settings.

    `train` trains a prepared model in place, `metrics` are measured in reports, `batches` is the most of the data that
    scales are learned from, `inputs` makes the arguments of a batch, `progress` shows bars.
    """

    subject: Subject
    train: Callable[[Any], Any] | None = None
    metrics: Mapping[str, Metric] = field(default_factory=dict[str, Metric])
    batches: int | None = None
    inputs: Callable[[Any], Any] | None = None
    progress: bool = True

    def made(self, method: Made, settings: Settings, data: Any) -> Quantized:
        """The quantized model. Raises LowerError for what the method needs and was not given."""
        match method:
            case "dynamic":
                given = [] if data is None else self._first(repeatable(data, self.batches))
                converted = dynamic(self.subject, settings)
                return self._finished("dynamic", settings, converted, self.subject.copy(), given)
            case "static":
                return self._static(settings, data)
            case "qat":
                return self._trained(settings, data)

    def prepared(self, method: Literal["static", "qat"], settings: Settings, given: list[Inputs]) -> Prepared:
        """The model with observers or fake-quants, held against the float one by the inputs given and by drawn ones."""
        _require_single(self.subject)
        inputs = [*given, *self.subject.inputs()]
        if not inputs:
            raise LowerError(self.subject.examples()["forward"].trouble)

        def finish(done: Prepared, converted: Converted, floats: nn.Module) -> Quantized:
            return self._finished(method, settings, converted, floats, list(done.samples))

        return Prepared(self.subject, settings, method, inputs, finish)

    def _static(self, settings: Settings, data: Any) -> Quantized:
        if data is None:
            raise LowerError(
                'method="static" learns the scales of activations from data, and was given none: '
                'quantize(model, "static", loader), a DataLoader or a list of batches; or method="dynamic", '
                "which needs none"
            )
        data = repeatable(data, self.batches)
        given = self._first(data)
        while True:
            prepared = self.prepared("static", settings, given)
            try:
                kept = fed(prepared, data, batches=self.batches, inputs=self.inputs, progress=self.progress)
            except Strayed as error:
                # A call that nothing before was like: what it asks for holds from the first batch on.
                given = [*given, error.inputs]
            else:
                prepared.keep(kept)
                return prepared.convert()

    def _trained(self, settings: Settings, data: Any) -> Quantized:
        if self.train is None:
            raise LowerError(
                'method="qat" trains the model with quantization in view, and was given no training: '
                'quantize(model, "qat", train=loop), loop(prepared) trains its parameters in place; or '
                'prepared = prepare(model, "qat"), train it, prepared.convert()'
            )
        if not callable(self.train):
            raise LowerError(
                f"train= takes a function that trains the prepared model, not {type(self.train).__name__}"
            )
        given = [] if data is None else self._first(repeatable(data, self.batches))
        prepared = self.prepared("qat", settings, given)
        prepared.keep(given)
        before = [one._version for one in prepared.parameters()]
        try:
            trained = self.train(prepared)
        except Exception as error:  # of the user's loop
            error.add_note("train= was called with the prepared model")
            raise
        if isinstance(trained, nn.Module) and trained is not prepared:
            raise LowerError(
                f"train= trains the prepared model in place, and gave back another {type(trained).__name__}"
            )
        if [one._version for one in prepared.parameters()] == before:
            raise LowerError(
                "train= changed no parameter of the prepared model: its optimizer takes prepared.parameters(), not "
                "those of the float model"
            )
        return prepared.convert()

    def _first(self, data: Any) -> list[Inputs]:
        """The inputs of the first batches, which the float model takes."""
        floats = self.subject.held(self.subject.copy())
        most = _LOOKED_AT if self.batches is None else min(_LOOKED_AT, self.batches)
        return fed(floats, data, what="looking at the data", batches=most, inputs=self.inputs, progress=False)

    def _finished(
        self, method: Made, settings: Settings, converted: Converted, floats: nn.Module, samples: list[Inputs]
    ) -> Quantized:
        subject = self.subject
        said = Quantization(
            method,
            settings.engine,
            state_digest(copied(subject.given, False)),
            converted.layers,
            converted.stayed,
        )
        return Quantized(
            subject.held(converted.body, settings.engine),
            subject.held(floats),
            said,
            subject,
            converted.reference,
            lambda: samples or subject.inputs(),
            self.metrics,
            (),
            measured,
        )


def _require_single(subject: Subject) -> None:
    """Raises LowerError for weights that are no float32, or no numbers."""
    floats = {name: one for name, one in subject.given.named_parameters() if one.is_floating_point()}
    dtypes = sorted({str(one.dtype).removeprefix("torch.") for one in floats.values()} - {"float32"})
    if dtypes:
        raise LowerError(
            f"{subject.label} computes in {' and '.join(dtypes)}, and torch quantizes float32: quantize model.float()"
        )
    for name, one in floats.items():
        if not bool(one.detach().isfinite().all()):
            raise LowerError(
                f"`{name}` of {subject.label} has values that are not finite, and no scale fits them"
            )
