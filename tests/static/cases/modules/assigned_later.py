"""Attributes that other methods assign are not known where they are read."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


class Cached(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cache = None
        self.state = torch.zeros(3, 4)
        self.head = nn.Linear(4, 2)

    def update(self, x: Float[Tensor, "B 5"]) -> None:
        self.cache = x
        self.state = x

    def forward(self, x: Float[Tensor, "B 4"]) -> Float[Tensor, "B 2"]:
        if self.cache is not None:
            x = x + self.cache
        return self.head(self.state) + self.head(x)

    def swap_head(self, classes: int) -> None:
        self.head = nn.Linear(9, classes)
