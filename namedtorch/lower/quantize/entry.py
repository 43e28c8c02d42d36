"""The entry: a float model to a quantized one, or to one that learns its scales."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import torch
from torch import nn

from namedtorch.diagnostics import LowerError
from namedtorch.lower.given_example import Example
from namedtorch.lower.quantize.auto import automatic
from namedtorch.lower.quantize.making import Making
from namedtorch.lower.quantize.metrics import Metric, metrics_of
from namedtorch.lower.quantize.prepared import Prepared
from namedtorch.lower.quantize.quantized import Quantized
from namedtorch.lower.quantize.settings import Method, Skip, settings_of
from namedtorch.lower.quantize.subject import subject_of

QuantizedModel = Quantized
"""What `quantize` gives, by its public name: `namedtorch.Quantized` annotates tensors of quantized dtypes."""


def quantize(
    model: nn.Module,
    method: Method = "auto",
    data: Any = None,
    *,
    signature: str | Mapping[str, str] | None = None,
    engine: str | None = None,
    dtype: torch.dtype | str | None = None,
    per_channel: bool = True,
    skip: Skip | None = (),
    qconfig: Any = None,
    example: Example | None = None,
    train: Callable[[Any], Any] | None = None,
    metrics: Mapping[str, Metric | Callable[[Any], Any]] | None = None,
    tolerance: float | Mapping[str, float] | None = None,
    batches: int | None = None,
    inputs: Callable[[Any], Any] | None = None,
    progress: bool = True,
) -> Quantized:
    """Quantizes a float model that names its dims; `lower` takes the result, with the model's signature and guard.

    A copy on the CPU, in eval mode, is quantized; the model stays as it is. "dynamic" quantizes weights and needs no
    data; "static" learns the scales of activations from `data`, batches as a DataLoader gives them; "qat" has
    `train(prepared)` train the prepared model in place; "auto" tries what suits the model, and stops at the first whose
    `metrics` lose no more than `tolerance`. Every batch is held to the signature before the model sees it.

    `skip` leaves layers float, by path, last name or class; `qconfig` is torch's own, a QConfig or QConfigMapping.
    `batches` is the most of the data that is used, `inputs` makes the arguments of a call out of a batch. Raises
    LowerError for what can't be quantized, DimError for a batch that does not fit.
    """
    settings = settings_of(method, engine, dtype, per_channel, skip, qconfig)
    if batches is not None and (isinstance(batches, bool) or not isinstance(batches, int) or batches < 1):
        raise LowerError(f"batches={batches!r} is no number of batches: give 1 or more, or None for all")
    subject = subject_of(model, signature, example)
    held = metrics_of(metrics, tolerance)
    making = Making(subject, train, held, batches, inputs, progress)
    if method == "auto":
        return automatic(subject, settings, data, train, held, making.made, batches=batches, inputs=inputs)
    return making.made(method, settings, data)


def prepare(
    model: nn.Module,
    method: Literal["static", "qat"],
    *,
    signature: str | Mapping[str, str] | None = None,
    engine: str | None = None,
    per_channel: bool = True,
    skip: Skip | None = (),
    qconfig: Any = None,
    example: Example | None = None,
    metrics: Mapping[str, Metric | Callable[[Any], Any]] | None = None,
    tolerance: float | Mapping[str, float] | None = None,
) -> Prepared:
    """A copy of a model that learns its scales: call it with batches ("static"), or train it ("qat"), then `convert()`.

    What it is called with is held to the signature. Of "qat" it is in training mode, on the CPU: `.to(device)` and
    `.eval()` do what they do. Raises LowerError for what can't be quantized.
    """
    if method not in ("static", "qat"):
        raise LowerError(
            f'prepare takes "static" or "qat", not {method!r}'
            + (
                '; "dynamic" needs no data and no training: quantize(model, "dynamic")'
                if method == "dynamic"
                else ""
            )
        )
    settings = settings_of(method, engine, None, per_channel, skip, qconfig)
    subject = subject_of(model, signature, example)
    return Making(subject, metrics=metrics_of(metrics, tolerance)).prepared(method, settings, [])
