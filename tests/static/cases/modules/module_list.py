"""Modules in lists: indexed, looped over, zipped and enumerated."""

import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


class Stack(nn.Module):
    def __init__(self, depth: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(32, 32) for _ in range(depth)])
        self.norms = nn.ModuleList(nn.LayerNorm(32) for _ in range(depth))
        self.heads = nn.ModuleList()
        for size in (5, 6, 7):
            self.heads.append(nn.Linear(32, size))

    def forward(self, x: Float[Tensor, "B T 32"]) -> Float[Tensor, "B T 7"]:
        for layer, norm in zip(self.layers, self.norms):
            x = x + layer(norm(x))  # dims: B T 32
        five = self.heads[0](x)  # dims: B T 5
        last = self.heads[-1](x)  # dims: B T 7
        for index, layer in enumerate(self.layers):
            x = layer(x)  # dims: B T 32
        for layer in self.layers[1:]:
            x = layer(x)  # dims: B T 32
        return last + five.sum(-1, keepdim=True)


class Wrong(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(32, 16), nn.Linear(32, 8)])

    def forward(self, x: Float[Tensor, "B 32"]) -> Float[Tensor, "B 8"]:
        for layer in self.layers:
            x = layer(x)  # error: [contracted-dims-differ]
        return x
