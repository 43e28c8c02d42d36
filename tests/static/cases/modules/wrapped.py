"""Layers that are wrapped, moved, or given as they are."""

import torch.nn as nn
from jaxtyping import Float
from torch import Tensor
from torch.nn.utils import weight_norm


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a = weight_norm(nn.Linear(4, 6))
        self.b = nn.utils.spectral_norm(nn.Conv1d(6, 7, 1))
        self.layers = nn.ModuleList([self.a])
        layer = nn.Linear(6, 5).eval().requires_grad_(False)
        self.c = layer
        self.d = self.make(5)
        self.drop, self.act = nn.Dropout(0.1), nn.GELU()
        self.late = nn.Linear(2, 3)

    def make(self, size: int) -> nn.Module:
        return nn.Sequential(nn.LayerNorm(size), nn.Linear(size, 2))

    def forward(self, x: Float[Tensor, "B T 4"]) -> Float[Tensor, "B T 2"]:
        y = self.drop(self.act(self.a(x)))  # dims: B T 6
        z = self.b(y.transpose(1, 2))  # dims: B 7 T
        w = self.d(self.c(y))  # dims: B T 2
        return w + z.mean()

    def wrong(self, x: Float[Tensor, "B T 4"]) -> Tensor:
        return self.c(x)  # error: [contracted-dims-differ]
