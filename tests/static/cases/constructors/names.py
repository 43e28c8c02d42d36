"""A dim that is called like an argument is that size only where a layer uses it at that axis."""

import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


class Used(nn.Module):
    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.proj = nn.Linear(dim, dim)

    def forward(self, x: Float[Tensor, "B T dim"]) -> Float[Tensor, "B T dim"]:
        y = self.proj(x)  # dims: B T dim
        return y


class Unrelated(nn.Module):
    def __init__(self, size: int, width: int) -> None:
        super().__init__()
        self.size = size
        self.proj = nn.Linear(width, 3)

    def forward(self, x: Float[Tensor, "size C"]) -> Float[Tensor, "size 3"]:
        y = self.proj(x)  # dims: size 3
        return y


class OtherName(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, 2 * channels, 1)

    def forward(self, x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N D H W"]:
        y = self.conv(x)  # dims: N 2*channels H W
        return y


class Contradicts(nn.Module):
    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.proj = nn.Linear(inside, outside)

    def forward(self, x: Float[Tensor, "N inside"]) -> Float[Tensor, "N inside"]:
        return self.proj(x)  # error: [result-differs]
