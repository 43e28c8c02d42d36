"""Tensors as other runtimes read them: by address, in the order of their axes."""

from torch import Tensor


def stored(tensor: Tensor) -> Tensor:
    """A tensor whose memory is its numbers, one after the other: without gradient; copied only if it is not yet."""
    # Most are so already, and each operator takes as long as a guard does.
    if tensor.is_contiguous() and not tensor.requires_grad and not tensor.is_neg():
        return tensor
    return tensor.detach().resolve_neg().contiguous()
