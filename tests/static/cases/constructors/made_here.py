"""Objects that are made with numbers are checked with these."""

import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


class Block(nn.Module):
    def __init__(self, inside: int, outside: int, groups: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inside, outside, 3, padding=1, groups=groups)
        self.norm = nn.GroupNorm(8, outside)

    def forward(self, x):
        return self.norm(self.conv(x)).relu()


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a = Block(3, 16)
        self.b = Block(16, 32)
        self.c = Block(inside=16, outside=8)

    def forward(self, x: Float[Tensor, "N 3 H W"]) -> Tensor:
        y = self.b(self.a(x))  # dims: N 32 H W
        return self.c(y)  # error: [channels-differ]


class BadNorm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a = Block(3, 12)  # error: [channels-differ]


class BadGroups(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(6, 8, 3, groups=4)  # error: [channels-differ]
        self.attention = nn.MultiheadAttention(100, 8)  # error: [heads-differ]
