"""Stacks of as many layers as an argument says."""

import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


class Listed(nn.Module):
    def __init__(self, depth: int) -> None:
        super().__init__()
        layers = []
        for _ in range(depth):
            layers.append(nn.Conv1d(4, 4, 3, padding=1))
            layers.append(nn.ReLU())
        layers += [nn.Conv1d(4, 9, 1)]
        self.net = nn.Sequential(*layers)

    def forward(self, x: Float[Tensor, "N 4 T"]) -> Float[Tensor, "N 9 T"]:
        y = self.net(x)
        return y


class Equal(nn.Module):
    def __init__(self, depth: int) -> None:
        super().__init__()
        self.net = nn.Sequential(*[nn.Sequential(nn.Linear(8, 8), nn.ReLU()) for _ in range(depth)])
        self.listed = nn.ModuleList([nn.Linear(8, 8) for _ in range(depth)])

    def forward(self, x: Float[Tensor, "N T 8"]) -> Float[Tensor, "N T 8"]:
        y = self.net(x)  # dims: N T 8
        for layer in self.listed:
            x = layer(x)  # dims: N T 8
        return x + y


class Wrong(nn.Module):
    def __init__(self, depth: int) -> None:
        super().__init__()
        self.listed = nn.ModuleList([nn.Linear(8, 9) for _ in range(depth)])

    def forward(self, x: Float[Tensor, "N T 8"]) -> Tensor:
        for layer in self.listed[:-1]:
            y = layer(x)  # dims: N T 9
        return self.listed[0](y)  # error: [contracted-dims-differ]
