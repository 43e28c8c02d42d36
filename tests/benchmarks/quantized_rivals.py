"""What torch.ao.quantization makes of a model by hand, without namedtorch: the measure of what is left on the way."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.ao.quantization import get_default_qconfig_mapping, quantize_dynamic
from torch.ao.quantization.qconfig import default_dynamic_qconfig, float_qparams_weight_only_qconfig
from torch.ao.quantization.quantize_fx import convert_fx, prepare_fx

from namedtorch import checking
from namedtorch.lower.quantize.subject import subject_of

ENGINE = "x86"


@dataclass(frozen=True, slots=True)
class ByHand:
    """A graph, scripted and frozen, and the seconds of the steps on the way to it."""

    graph: Any
    seconds: Mapping[str, float]


class Clock:
    """Seconds of steps, one after the other."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def mark(self, step: str) -> None:
        """The step that ends here, and began where the one before it ended."""
        now = time.perf_counter()
        self.seconds[step] = now - self._last
        self._last = now


def static_by_hand(model: nn.Module, data: Sequence[Tensor]) -> ByHand:
    """Post-training quantization by torch.fx of a copy without names and guards."""
    plain = plain_torch(model)
    clock = Clock()
    with checking("off"), torch.no_grad():
        prepared = prepare_fx(plain, get_default_qconfig_mapping(ENGINE), (data[0],))
        clock.mark("prepare")
        for one in data:
            prepared(one)
        clock.mark("calibrate")
        converted = convert_fx(prepared)
        clock.mark("convert")
        for node in converted.graph.nodes:
            # TorchScript reads no dims.
            node.type = None
        converted.recompile()
        return ByHand(_frozen(converted, clock), clock.seconds)


def dynamic_by_hand(model: nn.Module, example: Tensor) -> ByHand:
    """Dynamic quantization of a copy without names and guards, embeddings too; traced, as its annotations name dims."""
    plain = plain_torch(model)
    clock = Clock()
    kinds = {
        nn.Linear: default_dynamic_qconfig,
        nn.LSTM: default_dynamic_qconfig,
        nn.Embedding: float_qparams_weight_only_qconfig,
    }
    with checking("off"), torch.no_grad():
        converted = quantize_dynamic(plain, kinds)
        clock.mark("convert")
        graph = torch.jit.freeze(torch.jit.trace(converted, example))
        clock.mark("script")
    return ByHand(graph, clock.seconds)


def plain_torch(model: nn.Module) -> nn.Module:
    """A copy of a model in eval mode, without names."""
    return subject_of(model, None, None).copy()


def _frozen(module: nn.Module, clock: Clock) -> Any:
    graph = torch.jit.freeze(torch.jit.script(module))
    clock.mark("script")
    return graph
