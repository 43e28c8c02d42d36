"""Modules inside modules: forward of the inner one, by signature or by its body."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


class Block(nn.Module):
    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.proj = nn.Linear(inside, outside)

    def forward(self, x):
        return torch.relu(self.proj(x))


class Annotated(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.proj = nn.Linear(8, 4)

    def forward(self, x: Float[Tensor, "B 8"]) -> Float[Tensor, "B 4"]:
        return self.proj(x)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one = Block(16, 8)
        self.two = Annotated()
        self.three = Block(8, 2)

    def forward(self, x: Float[Tensor, "N 16"]) -> Float[Tensor, "N 2"]:
        y = self.one(x)  # dims: N 8
        z = self.two(y)  # dims: N 4
        return self.three(z)  # error: [contracted-dims-differ]

    def sequence(self, x: Float[Tensor, "N T 8"]) -> Tensor:
        return self.two(x)  # error: [argument-differs]

    def attribute(self, x: Float[Tensor, "N 16"]) -> Float[Tensor, "N 8"]:
        y = self.one.proj(x)  # dims: N 8
        return y
