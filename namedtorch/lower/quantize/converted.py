"""A body whose layers were quantized, before it becomes a model with a report."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import nn

from namedtorch.archive.quantization import LayerScheme


@dataclass(frozen=True, slots=True)
class Converted:
    """A quantized body, and the float body whose layers stand at the same paths, fused alike, to compare it with.

    `layers` says how each layer was quantized, `stayed` which layers with weights stayed float, and why, both by path.
    """

    body: nn.Module
    reference: nn.Module
    layers: Mapping[str, LayerScheme]
    stayed: Mapping[str, str]
