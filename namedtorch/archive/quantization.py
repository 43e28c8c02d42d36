"""How a model was quantized, as its manifest says it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

QuantizationMethod = Literal["dynamic", "static", "qat"]
"""When activations get their scales: in each call, from calibration, or from training."""

Granularity = Literal["per_tensor", "per_channel"]
"""Whether all weights of a layer share a scale, or those of each channel."""


@dataclass(frozen=True, slots=True)
class LayerScheme:
    """How one layer is quantized.

    `kind` is the class of the float layer ("Conv2d"), `fused` are the layers that it took in ("BatchNorm2d", "ReLU").
    `weight` is the dtype of its weights ("qint8", "quint8", "float16"; "" where it has none), `activation` that of what
    it gives, or "" where that is float. Of weights `per_channel`, `axis` is the axis of the scales, and `dim` its name
    by the table of modules ("out").
    """

    kind: str
    weight: str = ""
    activation: str = ""
    scheme: Granularity = "per_tensor"
    axis: int | None = None
    dim: str | None = None
    fused: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The scheme as JSON-able data; what is empty is left out."""
        data = {
            "activation": self.activation,
            "axis": self.axis,
            "dim": self.dim,
            "fused": list(self.fused),
            "kind": self.kind,
            "scheme": self.scheme,
            "weight": self.weight,
        }
        return {name: value for name, value in data.items() if value not in (None, "", [])}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "LayerScheme":
        """The scheme that `to_dict` wrote; what it may hold is checked before."""
        fused = cast("list[str]", data.get("fused", []))
        fields: dict[str, Any] = {**data, "fused": tuple(fused)}
        return cls(**fields)


@dataclass(frozen=True, slots=True)
class Quantization:
    """How a model was quantized: method, engine, the layers by their paths, and those that stayed float with reasons.

    `float_digest` is the `state_digest` of the float model that it was made of; of `qat`, of the model before training.
    """

    method: QuantizationMethod
    engine: str
    float_digest: str
    layers: Mapping[str, LayerScheme] = field(default_factory=dict[str, LayerScheme])
    stayed: Mapping[str, str] = field(default_factory=dict[str, str])

    def to_dict(self) -> dict[str, Any]:
        """The quantization as JSON-able data."""
        return {
            "engine": self.engine,
            "float_digest": self.float_digest,
            "layers": {path: one.to_dict() for path, one in self.layers.items()},
            "method": self.method,
            "stayed": dict(self.stayed),
        }
