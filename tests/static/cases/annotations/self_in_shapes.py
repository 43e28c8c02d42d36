"""`self.x` in shapes is the attribute that the constructor sets."""

import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


class Fixed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.width = 64
        self.proj = nn.Linear(64, 32)

    def forward(self, x: Float[Tensor, "B self.width"]) -> Float[Tensor, "B 32"]:
        y = self.proj(x)  # dims: B 32
        return y

    def wrong(self, x: Float[Tensor, "B self.width"]) -> Float[Tensor, "B self.width"]:
        return self.proj(x)  # error: [result-differs]


class Given(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.width, self.heads = width, heads
        self.qkv = nn.Linear(width, 3 * width)

    def forward(self, x: Float[Tensor, "B T {self.width}"]) -> Float[Tensor, "B T 3*self.width"]:
        y = self.qkv(x)  # dims: B T 3*width
        return y

    def first(self, x: Float[Tensor, "B T self.width"]) -> Float[Tensor, "B T self.width"]:
        q, k, v = self.qkv(x).chunk(3, dim=-1)  # dims: B T width  # dims: B T width  # dims: B T width
        return q + k + v


class Config:
    hidden = 16


class ByConfig(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cfg = Config()
        self.up = nn.Linear(16, 20)

    def forward(self, x: Float[Tensor, "N self.cfg.hidden"]) -> Float[Tensor, "N 20"]:
        y = self.up(x)  # dims: N 20
        return y
