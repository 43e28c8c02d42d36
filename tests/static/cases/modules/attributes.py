"""Layers that the constructor makes are known in every method."""

import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, stride=2, padding=1)
        self.norm = nn.BatchNorm2d(16)
        self.head = nn.Linear(16, 10)

    def features(self, x: Float[Tensor, "N 3 H W"]) -> Float[Tensor, "N 16"]:
        y = self.norm(self.stem(x))
        z = y.mean((-2, -1))  # dims: N 16
        return z

    def forward(self, x: Float[Tensor, "N 3 H W"]) -> Float[Tensor, "N 10"]:
        y = self.features(x)  # dims: N 16
        return self.head(y)  # dims: N 10


class Wrong(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3)
        self.norm = nn.BatchNorm2d(32)
        self.head = nn.Linear(32, 10)

    def forward(self, x: Float[Tensor, "N 3 H W"]) -> Float[Tensor, "N 10"]:
        y = self.norm(self.stem(x))  # error: [channels-differ]
        return self.head(y.mean((2, 3)))
