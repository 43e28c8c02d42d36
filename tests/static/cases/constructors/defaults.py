"""Defaults of constructor arguments are one call of many."""

import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


class Net(nn.Module):
    def __init__(self, inside: int = 3, width: int = 16, classes: int = 10) -> None:
        super().__init__()
        self.stem = nn.Conv2d(inside, width, 3, padding=1)
        self.head = nn.Linear(width, classes)

    def forward(self, x: Float[Tensor, "N inside H W"]) -> Float[Tensor, "N classes"]:
        y = self.stem(x)  # dims: N width H W
        z = self.head(y.mean((2, 3)))  # dims: N classes
        return z

    def colours(self, x: Float[Tensor, "N 3 H W"]) -> Float[Tensor, "N classes"]:
        return self(x)


class Wrong(nn.Module):
    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, width, 3)
        self.norm = nn.BatchNorm2d(16)
        self.last = nn.Conv2d(2 * width, 1, 1)

    def forward(self, x: Float[Tensor, "N 3 H W"]) -> Tensor:
        y = self.stem(x)
        return self.last(y)  # error: [channels-differ]


class Optional_(nn.Module):
    def __init__(self, inside: int, hidden: int | None = None, out: int | None = None) -> None:
        super().__init__()
        out = out or inside
        hidden = hidden or inside
        self.a = nn.Linear(inside, hidden)
        self.b = nn.Linear(hidden, out)

    def forward(self, x: Float[Tensor, "N inside"]) -> Tensor:
        return self.b(self.a(x))
