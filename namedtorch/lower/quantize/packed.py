"""What quantized layers have packed: weights and biases that are parameters no longer, with the dims that they have."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from torch import nn

from namedtorch.archive.manifest import State
from namedtorch.archive.quantization import LayerScheme
from namedtorch.lower.functions import Functions
from namedtorch.lower.state import state_of


def packed_state(
    reference: nn.Module, layers: Mapping[str, LayerScheme], functions: Functions | None = None
) -> dict[str, State]:
    """The state of quantized layers by the path that they have in the quantized body: "head.weight", "head.bias".

    `reference` is the float body whose layers stand at the same paths; sizes and dims are those of its parameters, in
    the dtype that the weights were quantized to. Of a layer that took in others (a norm, an activation) the parameters
    are those of the first that has any. A path that is none of `reference` has no entry.
    """
    known = state_of(reference, functions)
    modules = dict(reference.named_modules(remove_duplicate=False))
    found: dict[str, State] = {}
    for path, scheme in layers.items():
        if path not in modules or not scheme.weight:
            continue
        holder, names = _holder(path, modules[path])
        for name in names:
            one = known[_joined(holder, name)]
            # Weights are quantized; a bias is packed as it is.
            dtype = scheme.weight if len(one.sizes) > 1 else one.dtype
            found[_joined(path, name)] = replace(one, kind="packed", dtype=dtype, memory_format=None)
    return found


def _holder(path: str, layer: nn.Module) -> tuple[str, Iterable[str]]:
    """The path of the module that holds the weights of a layer, and the names of its parameters."""
    for inner, one in layer.named_modules():
        names = [name for name, value in one._parameters.items() if value is not None]
        if names:
            return _joined(path, inner), names
    return path, ()


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path and name else path or name
