"""The digest of a state: what tells the float model that a quantized one was made of."""

import hashlib
import json
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from namedtorch.diagnostics import LowerError
from namedtorch.signature.array import array_dtype


def state_digest(module: nn.Module) -> str:
    """The SHA-256, in hexadecimal digits, of all parameters and buffers of a module.

    It is equal for a module, its copies, and what TorchScript makes of it and loads, as long as that is not frozen.
    Hashed are, for every path of `named_parameters(remove_duplicate=False)` and of `named_buffers`, alike, in the order
    of the paths' code points: the line `["conv.weight", "float32", [8, 3, 3, 3]]` (path, dtype, sizes: JSON in ASCII, a
    space behind each comma, a newline at the end), then the elements in row-major order, whatever the strides, in
    little-endian bytes. What is shared counts at each of its paths. Buffers that are not persistent count as well: an
    archive holds them, and does not tell them from others. Raises LowerError for what has no values yet.
    """
    parameters = module.named_parameters(remove_duplicate=False)
    found = {**dict(parameters), **dict(module.named_buffers(remove_duplicate=False))}
    digest = hashlib.sha256()
    for path in sorted(found):
        value = found[path]
        _require_values(path, value)
        digest.update(json.dumps([path, array_dtype(value), list(value.shape)]).encode() + b"\n")
        digest.update(_elements(path, value))
    return digest.hexdigest()


def _require_values(path: str, value: Tensor) -> None:
    if is_lazy(value):
        raise LowerError(
            f"`{path}` has no values yet: its module makes it at the first call; call the model once"
        )
    if value.is_meta:
        raise LowerError(
            f"`{path}` is on the meta device, which holds no values: load the weights, then quantize"
        )
    if value.layout is not torch.strided or value.is_quantized:
        kind = "quantized" if value.is_quantized else str(value.layout).removeprefix("torch.")
        raise LowerError(f"`{path}` is a {kind} tensor, and a float model holds plain ones")


def _elements(path: str, value: Tensor) -> Any:
    """The elements in row-major order, as bytes."""
    try:
        # Lazily conjugated and negated views have other bytes than values.
        plain = value.detach().cpu().resolve_conj().resolve_neg().contiguous().reshape(-1)
        plain = torch.view_as_real(plain).reshape(-1) if plain.is_complex() else plain
        return plain.view(torch.uint8).numpy()
    except (RuntimeError, TypeError) as error:
        raise LowerError(
            f"the elements of `{path}` ({type(value).__name__}) can't be read: {error}"
        ) from error
