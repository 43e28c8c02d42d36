"""Models of the layers of other files, by relative imports."""

import torch.nn as nn
from jaxtyping import Float
from torch import Tensor

from . import blocks
from .blocks import WIDTH, ConvBlock, Head, pooled


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvBlock(3, WIDTH)
        self.body = blocks.ConvBlock(WIDTH, 2 * WIDTH)
        self.head = Head(48, 10)

    def forward(self, x: Float[Tensor, "N 3 H W"]) -> Float[Tensor, "N 10"]:
        y = self.body(self.stem(x))  # dims: N 48 H W
        z = pooled(y)  # dims: N 48
        return self.head(z)  # dims: N 10


class Wrong(Model):
    def __init__(self) -> None:
        super().__init__()
        self.head = Head(24, 10)

    def forward(self, x: Float[Tensor, "N 3 H W"]) -> Float[Tensor, "N 10"]:
        y = self.body(self.stem(x))  # dims: N 48 H W
        return self.head(pooled(y))  # error: [contracted-dims-differ]
