"""Layers of the package."""

import torch.nn as nn
from jaxtyping import Float
from torch import Tensor

WIDTH = 24


class ConvBlock(nn.Module):
    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inside, outside, 3, padding=1)

    def forward(self, x):
        return self.conv(x).relu()


class Head(nn.Module):
    def __init__(self, inside: int, classes: int) -> None:
        super().__init__()
        self.fc = nn.Linear(inside, classes)

    def forward(self, x: Float[Tensor, "N inside"]) -> Float[Tensor, "N classes"]:
        return self.fc(x)


def pooled(x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C"]:
    return x.mean((2, 3))
