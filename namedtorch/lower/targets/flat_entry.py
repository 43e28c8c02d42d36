"""From what a user gives to its exported form; a room of its own, since torch.export takes long to import."""

from collections.abc import Callable
from typing import Any

from torch import nn

from namedtorch.lower.asked import Asked
from namedtorch.lower.quantize.quantized import Quantized
from namedtorch.lower.targets.exported import Exported
from namedtorch.lower.targets.flat_lowering import lowered_flat
from namedtorch.lower.targets.subjects import function_subject, module_subject, quantized_subject


def exported(given: nn.Module | Quantized | Callable[..., Any], asked: Asked) -> Exported:
    """A module, a function or a quantized model for a target of flat graphs; raises LowerError for what it refuses."""
    if isinstance(given, Quantized):
        return lowered_flat(quantized_subject(given, asked), asked)
    subject = module_subject(given) if isinstance(given, nn.Module) else function_subject(given)
    return lowered_flat(subject, asked)
