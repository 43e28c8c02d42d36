"""Tensors as other runtimes read them: by address, in the order of their axes."""

import torch
from torch import Tensor


def stored(tensor: Tensor) -> Tensor:
    """A plain tensor whose memory is its numbers, one after the other; copied only if it is not yet.

    Parameters and other subclasses become tensors, without gradient. Raises ValueError for a tensor without such
    memory: a sparse one, or one on the meta device.
    """
    plain = type(tensor) is Tensor
    # Most are so already, and each operator takes as long as a guard does.
    if (
        plain
        and tensor.is_contiguous()
        and not tensor.requires_grad
        and not tensor.is_neg()
        and has_memory(tensor)
    ):
        return tensor
    if not has_memory(tensor):
        raise ValueError(f"a tensor on {tensor.device}, stored as {tensor.layout}, has no numbers to read")
    return tensor.detach().as_subclass(Tensor).resolve_neg().contiguous()


def has_memory(tensor: Tensor) -> bool:
    """Whether a tensor has its numbers in memory, at an address and by strides."""
    return tensor.layout is torch.strided and not tensor.is_meta
