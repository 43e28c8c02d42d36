"""What a model takes: the bytes of its file, and the numbers that it holds."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from namedtorch.diagnostics import LowerError
from namedtorch.lower.lowered import Lowered


@dataclass(frozen=True, slots=True)
class Footprint:
    """The bytes of the files of a model by suffix, and how many numbers it holds, in how many bytes of memory.

    Numbers are those of parameters and buffers, and of weights that were packed; `unsaved` tells by suffix why there is
    no file.
    """

    numbers: int
    memory: int
    files: Mapping[str, int] = field(default_factory=dict[str, int])
    unsaved: Mapping[str, str] = field(default_factory=dict[str, str])

    def to_dict(self) -> dict[str, Any]:
        """The footprint as JSON-able data."""
        return {
            "numbers": self.numbers,
            "memory_bytes": self.memory,
            "file_bytes": dict(self.files),
            "unsaved": dict(self.unsaved),
        }


def footprint(body: nn.Module, lowered: Lowered | None, suffixes: Sequence[str]) -> Footprint:
    """The footprint of a body, and of the files that its lowered form is saved to for a moment."""
    numbers = memory = 0
    for count, size in _held(body):
        numbers += count
        memory += size
    files: dict[str, int] = {}
    unsaved: dict[str, str] = {}
    if lowered is not None:
        with tempfile.TemporaryDirectory() as folder:
            for suffix in suffixes:
                path = Path(folder) / f"model{suffix}"
                try:
                    lowered.save(path)
                except LowerError as error:
                    unsaved[suffix] = str(error).partition("\n")[0].replace(f"{folder}/", "")
                else:
                    files[suffix] = path.stat().st_size
    return Footprint(numbers, memory, files, unsaved)


def _held(body: nn.Module) -> Iterator[tuple[int, int]]:
    """How many numbers there are in each tensor, and in how many bytes; what several modules share counts once."""
    # Tensors that are unpacked live for a moment, and the next would stand at the same place.
    seen: dict[int, Tensor] = {}
    for module in body.modules():
        for value in (*module._parameters.values(), *module._buffers.values(), *vars(module).values()):
            if isinstance(value, Tensor):
                found = iter([value])
            elif isinstance(value, torch.ScriptObject):
                found = _packed(value)
            else:
                continue
            for tensor in found:
                place = tensor.data_ptr() if tensor.layout is torch.strided else id(tensor)
                if tensor.numel() and place not in seen:
                    seen[place] = tensor
                    halved = not isinstance(value, Tensor) and tensor.dim() > 1
                    yield tensor.numel(), _bytes(tensor, halved)


def _packed(holder: torch.ScriptObject) -> Iterator[Tensor]:
    """The weights and biases that an object of torch's quantized operators has packed."""
    packed: Any = holder
    parts = packed.unpack() if packed._has_method("unpack") else packed.__getstate__()
    yield from _tensors(parts)


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, torch.ScriptObject):
        yield from _packed(value)
    elif isinstance(value, list | tuple):
        for one in cast("list[Any]", value):
            yield from _tensors(one)


def _bytes(tensor: Tensor, packed: bool) -> int:
    """The bytes that the numbers take, and the scales with them."""
    if not tensor.is_quantized:
        # Weights of floats are packed for operators of float16, and come out of them as float32.
        size = 2 if packed and tensor.dtype is torch.float32 else tensor.element_size()
        return size * tensor.numel()
    size = tensor.untyped_storage().nbytes()  # of 4 bits, two numbers are in a byte
    if tensor.qscheme() in (torch.per_channel_affine, torch.per_channel_affine_float_qparams):
        size += tensor.q_per_channel_scales().nbytes + tensor.q_per_channel_zero_points().nbytes
    return size
