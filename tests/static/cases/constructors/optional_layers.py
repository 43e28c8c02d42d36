"""Layers that are there for some arguments only."""

import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


class Block(nn.Module):
    def __init__(self, inside: int, outside: int, norm: bool = True, act: str = "relu") -> None:
        super().__init__()
        self.conv = nn.Conv2d(inside, outside, 1)
        self.norm = nn.BatchNorm2d(outside) if norm else nn.Identity()
        if act == "relu":
            self.act = nn.ReLU()
        elif act == "glu":
            self.act = nn.GLU(dim=1)
        else:
            self.act = None

    def forward(self, x: Float[Tensor, "N inside H W"]) -> Tensor:
        y = self.norm(self.conv(x))  # dims: N outside H W
        if self.act is not None:
            y = self.act(y)
        return y


class WrongNorm(nn.Module):
    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inside, outside, 1)
        self.norm = nn.BatchNorm2d(inside)

    def forward(self, x: Float[Tensor, "N inside H W"]) -> Tensor:
        y = self.conv(x)  # dims: N outside H W
        return self.norm(y)  # error: [channels-differ]


class Shortcut(nn.Module):
    def __init__(self, inside: int, outside: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inside, outside, 3, stride, 1)
        self.shortcut = nn.Sequential()
        if stride != 1 or inside != outside:
            self.shortcut = nn.Sequential(nn.Conv2d(inside, outside, 1, stride), nn.BatchNorm2d(outside))

    def forward(self, x: Float[Tensor, "N inside H W"]) -> Tensor:
        y = self.conv(x) + self.shortcut(x)
        return y.relu()
