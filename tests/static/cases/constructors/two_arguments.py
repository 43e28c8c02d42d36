"""Two different arguments that an operator needs equal, on every path, are an error."""

import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


class Wrong(nn.Module):
    def __init__(self, inside: int, hidden: int, outside: int) -> None:
        super().__init__()
        self.up = nn.Linear(inside, hidden)
        self.down = nn.Linear(outside, inside)

    def forward(self, x: Float[Tensor, "N inside"]) -> Float[Tensor, "N outside"]:
        y = self.up(x)  # dims: N hidden
        return self.down(y)  # error: [contracted-dims-differ]


class Right(nn.Module):
    def __init__(self, inside: int, hidden: int, outside: int) -> None:
        super().__init__()
        self.up = nn.Linear(inside, hidden)
        self.down = nn.Linear(hidden, outside)

    def forward(self, x: Float[Tensor, "N inside"]) -> Float[Tensor, "N outside"]:
        y = self.up(x)  # dims: N hidden
        z = self.down(y)  # dims: N outside
        return z


class Residual(nn.Module):
    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inside, outside, 3, padding=1)

    def forward(self, x: Float[Tensor, "N inside H W"]) -> Float[Tensor, "N outside H W"]:
        y = self.conv(x)  # dims: N outside H W
        return x + y  # error: [broadcast-dims-differ]
