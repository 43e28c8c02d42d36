"""Layers in a row: written out, unpacked from a list, by names, appended, indexed, sliced."""

from collections import OrderedDict

import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


class Written(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(12, 24), nn.ReLU(), nn.Linear(24, 6), nn.Tanh())
        self.named = nn.Sequential(OrderedDict([("up", nn.Linear(6, 7)), ("act", nn.GELU())]))

    def forward(self, x: Float[Tensor, "N T 12"]) -> Float[Tensor, "N T 7"]:
        y = self.net(x)  # dims: N T 6
        first = self.net[0](x)  # dims: N T 24
        head = self.net[:2](x)  # dims: N T 24
        again = self.net[2](first + head)  # dims: N T 6
        return self.named(y + again)  # dims: N T 7


class Counted(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        layers = []
        for _ in range(3):
            layers.append(nn.Conv1d(4, 4, 3, padding=1))
            layers.append(nn.ReLU())
        layers += [nn.Conv1d(4, 9, 1)]
        self.net = nn.Sequential(*layers)

    def forward(self, x: Float[Tensor, "N 4 T"]) -> Float[Tensor, "N 9 T"]:
        y = self.net(x)  # dims: N 9 T
        return y


class Wrong(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(12, 24),
            nn.ReLU(),
            nn.Linear(25, 6),
        )

    def forward(self, x: Float[Tensor, "N 12"]) -> Float[Tensor, "N 6"]:
        return self.net(x)  # error: [contracted-dims-differ]
