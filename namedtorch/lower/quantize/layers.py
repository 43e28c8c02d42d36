"""Float layers that torch has dynamic modules for, and what of these its modules can't do."""

from typing import Any, cast

import torch
from torch import nn
from torch.ao.nn import quantized
from torch.ao.quantization.quantization_mappings import get_default_dynamic_quant_module_mappings
from torch.nn.parameter import is_lazy

from namedtorch.diagnostics import LowerError

DYNAMIC: dict[type, type] = {
    owner: target
    for owner, target in cast("dict[type, type]", get_default_dynamic_quant_module_mappings()).items()
    # Modules of the library itself: those that stand for training, and for a part that another one reads, are none.
    if owner.__module__.startswith("torch.nn.") and owner.__name__ == target.__name__
}
"""The classes of layers that are quantized dynamically, each with torch's quantized one."""


def is_table(owner: type) -> bool:
    """Whether a class of layers is a table of vectors, of which weights alone are quantized."""
    target = DYNAMIC.get(owner)
    return target is not None and issubclass(target, quantized.Embedding)


def unable(layer: nn.Module) -> str:
    """Why torch's quantized module can't stand in the place of a layer of its classes; "" where it can."""
    held = list(layer.parameters(recurse=False))
    dtypes = sorted({str(one.dtype).removeprefix("torch.") for one in held if one.dtype != torch.float32})
    if dtypes:
        return f"its weights are {' and '.join(dtypes)}, and torch quantizes float32"
    said: Any = vars(layer)
    if said.get("proj_size"):
        return f"torch's quantized one has no projections (proj_size={said['proj_size']})"
    return _unable_table(said) if is_table(type(layer)) else ""


def _unable_table(said: Any) -> str:
    """What torch's quantized tables leave out without a word: they give rows as they stand, and sums of bags."""
    if said["max_norm"] is not None:
        return f"torch's quantized one does not renormalize rows (max_norm={said['max_norm']})"
    if said.get("mode", "sum") != "sum":
        return f"torch's quantized one sums the rows of a bag, it has no mode={said['mode']!r}"
    if "mode" in said and said["padding_idx"] is not None:
        return f"torch's quantized one leaves no row out of a bag (padding_idx={said['padding_idx']})"
    return ""


def refuse_lazy(layer: nn.Module, path: str) -> None:
    """Raises LowerError for a layer that makes its weights at the first call, and had none."""
    if any(is_lazy(one) for one in layer.parameters(recurse=False)):
        raise LowerError(
            f"`{path}` has no weights yet, for {type(layer).__qualname__} makes them at the first call: call the model "
            "once, then quantize it"
        )
