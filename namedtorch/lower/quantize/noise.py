"""Noise: what quantization adds to the numbers of a model, at its outputs and at those of each of its layers."""

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from namedtorch.dims.unknown import Unknown, UnknownType
from namedtorch.lower.verify.comparison import dense, pairs


@dataclass(frozen=True, slots=True)
class Noise:
    """Sums of squares over so many numbers: of the float ones, and of how far the quantized ones are from them.

    Numbers that are not finite in float count nowhere, `nans` are those that are none; those that are finite in float
    alone are `broken`. `apart` are tensors whose sizes differ, so that their numbers have no partners.
    """

    signal: float = 0.0
    noise: float = 0.0
    numbers: int = 0
    broken: int = 0
    apart: int = 0
    nans: int = 0

    def __add__(self, other: "Noise") -> "Noise":
        return Noise(
            self.signal + other.signal,
            self.noise + other.noise,
            self.numbers + other.numbers,
            self.broken + other.broken,
            self.apart + other.apart,
            self.nans + other.nans,
        )

    @property
    def decibels(self) -> float | UnknownType:
        """The ratio of signal to noise: infinite where no number changes, Unknown where none could be compared.

        10 dB more is a tenth of the noise. Noise on numbers that are all 0, and broken numbers, are minus infinity.
        """
        if not self.numbers and not self.broken:
            return Unknown
        if self.broken:
            return -math.inf
        if not self.noise:
            return math.inf
        return 10 * math.log10(self.signal / self.noise) if self.signal else -math.inf

    def to_dict(self) -> dict[str, Any]:
        """The noise as JSON-able data; what is infinite, or Unknown, is null, and the sums tell which."""
        ratio = self.decibels
        shown = None if ratio is Unknown or not math.isfinite(ratio) else ratio
        return {
            "snr_db": shown,
            "signal": self.signal,
            "noise": self.noise,
            "numbers": self.numbers,
            "broken": self.broken,
            "apart": self.apart,
            "nans": self.nans,
        }


@dataclass(frozen=True, slots=True)
class LayerNoise:
    """The noise of one quantized layer, over `calls` calls.

    `cumulative` is that of its outputs in the quantized model, so with the noise of all layers before it; `own` that of
    its outputs for the float model's inputs. `output` is the noise of the whole model's outputs if this layer alone is
    quantized: what it costs. `why` tells why one of them was not measured.
    """

    path: str
    kind: str
    calls: int = 0
    cumulative: Noise = Noise()
    own: Noise = Noise()
    output: Noise | UnknownType = Unknown
    why: str = ""

    @property
    def loudness(self) -> tuple[float, float]:
        """What layers are ordered by: their noise in the model's outputs, and relative to their own outputs."""
        there = 0.0 if self.output is Unknown else math.inf if self.output.broken else self.output.noise
        ratio = self.own.decibels
        return there, -math.inf if ratio is Unknown else -ratio

    def to_dict(self) -> dict[str, Any]:
        """The noise as JSON-able data."""
        return {
            "path": self.path,
            "kind": self.kind,
            "calls": self.calls,
            "cumulative": self.cumulative.to_dict(),
            "own": self.own.to_dict(),
            "output": None if self.output is Unknown else self.output.to_dict(),
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class ModelNoise:
    """The noise of a model's outputs, and of its layers in the order in which they are called first.

    `samples` is the number of inputs that it was measured on, `silent` are the paths of quantized layers that no call
    reaches as a module: their numbers are in those of the layers behind them.
    """

    outputs: Noise
    layers: tuple[LayerNoise, ...]
    silent: tuple[str, ...]
    samples: int

    @property
    def costliest(self) -> tuple[LayerNoise, ...]:
        """The layers, those first that cost most: by their noise in the model's outputs, then by their own."""
        return tuple(sorted(self.layers, key=lambda one: one.loudness, reverse=True))

    @property
    def explained(self) -> float | UnknownType:
        """The noise that the layers bring into the outputs, each alone, as a part of the noise that is there.

        What is missing is of functions between the layers that are quantized as well; Unknown where a layer's cost is.
        """
        costs = [one.output for one in self.layers]
        if (
            not self.outputs.noise
            or self.outputs.broken
            or any(one is Unknown or one.broken for one in costs)
        ):
            return Unknown
        return sum(one.noise for one in costs if one is not Unknown) / self.outputs.noise

    def share(self, layer: LayerNoise) -> float | UnknownType:
        """The part of a layer in the noise that the measured layers bring into the outputs, each alone."""
        if layer.output is Unknown:
            return Unknown
        known = [one.output for one in self.layers if one.output is not Unknown]
        if any(one.broken for one in known):
            return layer.output.broken / sum(one.broken for one in known)
        total = sum(one.noise for one in known)
        return layer.output.noise / total if total else 0.0

    def to_dict(self) -> dict[str, Any]:
        """The noise as JSON-able data."""
        shares = {one.path: self.share(one) for one in self.layers}
        return {
            "samples": self.samples,
            "outputs": self.outputs.to_dict(),
            "explained": None if self.explained is Unknown else self.explained,
            "layers": [
                {**one.to_dict(), "share": None if shares[one.path] is Unknown else shares[one.path]}
                for one in self.layers
            ],
            "silent": list(self.silent),
        }


def noise_between(expected: Any, actual: Any) -> Noise:
    """The noise of the floats in a value, against those of another of its structure; other tensors have none."""
    found = Noise()
    for one, other in pairs(expected, actual):
        one, other = dense(one), dense(other)
        if not (one.is_floating_point() or one.is_complex()):
            continue
        if one.shape != other.shape:
            found += Noise(apart=1)
            continue
        found += _of_tensors(_reals(one), _reals(other))
    return found


def _reals(tensor: Tensor) -> Tensor:
    """The numbers of a tensor in float32 or wider; of complex ones both parts."""
    tensor = torch.view_as_real(tensor.resolve_conj()) if tensor.is_complex() else tensor
    return tensor if tensor.dtype in (torch.float32, torch.float64) else tensor.float()


def _of_tensors(expected: Tensor, actual: Tensor) -> Noise:
    signal, noise = _power(expected), _power(expected - actual)
    if math.isfinite(signal) and math.isfinite(noise):
        return Noise(signal, noise, expected.numel())
    expected, actual = expected.double(), actual.double()
    counted, nans = expected.isfinite(), int(expected.isnan().sum())
    expected, actual = expected[counted], actual[counted]
    sound = actual.isfinite()
    broken = int(sound.logical_not().sum())
    noise = _power((expected - actual)[sound])
    return Noise(_power(expected[sound]), noise, int(sound.sum()), broken, nans=nans)


def _power(tensor: Tensor) -> float:
    """The sum of squares, without a copy in the dtype that it is summed in; not finite if a number is not."""
    return float(torch.linalg.vector_norm(tensor, dtype=torch.float64)) ** 2
