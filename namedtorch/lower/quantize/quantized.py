"""What quantization gives: a model that is called as the float one, and what is known of the two."""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

from torch import nn

from namedtorch.archive.quantization import Quantization
from namedtorch.lower.given_example import Inputs, Sizes
from namedtorch.lower.quantize.held import Held
from namedtorch.lower.quantize.metrics import Metric
from namedtorch.lower.quantize.report import QuantizationReport
from namedtorch.lower.quantize.steps import Step
from namedtorch.lower.quantize.subject import Subject
from namedtorch.signature.signature import Signature

BUDGET = 20.0
"""Seconds that latency and noise take together, about, where nobody says otherwise."""


@dataclass(frozen=True, eq=False)
class Quantized:
    """A quantized model: called as the float one, by the same signature, and lowered by `lower(quantized)`.

    `module` is the quantized module behind its guard, `float_module` the float model that it was made of (of QAT, as it
    was trained), behind the same guard. `quantization` is what the manifest will say: method, engine, the scheme of
    each layer, the layers that stayed float and why. `reference` is the float body whose layers stand at the paths of
    the quantized ones, fused alike. `metrics` are the user's, `samples` some inputs of the data that it was calibrated
    with, or drawn ones, `steps` what `auto` tried on the way here. `report` compares the two.
    """

    module: Held
    float_module: Held
    quantization: Quantization
    subject: Subject = field(repr=False)
    reference: nn.Module = field(repr=False)
    samples: Callable[[], Sequence[Inputs]] = field(repr=False)
    metrics: Mapping[str, Metric] = field(repr=False)
    steps: tuple[Step, ...] = field(repr=False)
    measure: Callable[..., QuantizationReport] = field(repr=False)

    @property
    def signature(self) -> Signature:
        """The dims of the arguments and the result."""
        return self.subject.boundary.methods["forward"].signature

    @property
    def body(self) -> nn.Module:
        """The quantized module without its guard."""
        return self.module.body

    @cached_property
    def report(self) -> QuantizationReport:
        """Float and quantized side by side; measured when it is asked for the first time."""
        return self.measure(self)

    def measured(
        self,
        *,
        batch_sizes: Sequence[int] | None = None,
        sizes: Sizes | None = None,
        rounds: int = 30,
        threads: int = 1,
        files: Sequence[str] = (".pt",),
        budget: float = BUDGET,
    ) -> QuantizationReport:
        """Float and quantized side by side, measured as asked.

        `batch_sizes`, `sizes` of other dims, `rounds` and `threads` are those of the latency, `files` the suffixes of
        the files to weigh (".pt", ".ptl"), `budget` the seconds for what is not asked for. Raises LowerError for sizes
        that can't be measured.
        """
        return self.measure(
            self,
            batch_sizes=batch_sizes,
            sizes=sizes,
            rounds=rounds,
            threads=threads,
            files=files,
            budget=budget,
        )

    def __deepcopy__(self, memo: dict[int, Any]) -> "Quantized":
        """A model whose modules are apart; what is known of them is shared."""
        parts = {
            name: copy.deepcopy(getattr(self, name), memo) for name in ("module", "float_module", "reference")
        }
        return replace(self, **parts)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.module(*args, **kwargs)

    def eval(self) -> Self:
        """The model itself: it is in eval mode, and functions that measure models say so of any."""
        return self

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """An exported method of the model."""
        if hasattr(type(self), name):
            # A property that raised an AttributeError of the user's code: that is the one to show.
            return object.__getattribute__(self, name)
        module = self.__dict__.get("module")
        if module is not None and name in module._methods and name != "forward":
            return getattr(module, name)
        how = {
            "save": 'lower(quantized).save("model.pt") writes a file',
            "train": 'it is not trained further: train what prepare(model, "qat") gives',
        }
        raise AttributeError(
            f"a quantized model has no `{name}`; "
            + how.get(
                name, "quantized.module is the torch module behind its guard, quantized.body without it"
            )
        )

    def __repr__(self) -> str:
        done = self.quantization
        return f"<Quantized {self.subject.name}, {done.method} for {done.engine}: {self.signature}>"
