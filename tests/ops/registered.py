"""Functions and modules that tests register."""

import torch
from torch import Tensor, nn


def resample(x: Tensor, factor: int = 2, mode: str = "linear") -> Tensor:
    return x.repeat_interleave(factor, -1)


def pool(x: Tensor) -> Tensor:
    return x.flatten(2).mean(2)


def similarity(left: Tensor, right: Tensor, *, scale: float = 1.0) -> Tensor:
    return scale * left @ right.mT


def anything(*tensors: Tensor, **options: object) -> Tensor:
    return tensors[0]


class Mixer(nn.Module):
    """Mixes tokens in code that no checker follows."""

    def __init__(self, dim: int, heads: int = 8) -> None:
        super().__init__()
        self.dim = dim
        self.heads = heads
        self.weight = nn.Parameter(torch.zeros(dim, dim))

    def forward(self, x: Tensor, scale: float = 1.0) -> Tensor:
        return scale * x @ self.weight


class Fixed(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x[..., :3]


class Plain:
    """No nn.Module."""
