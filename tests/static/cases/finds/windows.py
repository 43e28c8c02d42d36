"""Sizes behind convolutions, pools, paddings and interpolation; windows that do not fit."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


def sizes(x: Float[Tensor, "N C 32 30"]) -> None:
    c = x.shape[1]
    a = F.max_pool2d(x, 2)  # dims: N C 16 15
    b = F.avg_pool2d(x, 3, stride=2, padding=1)  # dims: N C 16 15
    d = F.adaptive_avg_pool2d(x, (1, 7))  # dims: N C 1 7
    e = F.pad(x, (1, 2, 3, 4))  # dims: N C 39 33
    f = F.interpolate(x, scale_factor=0.5)  # dims: N C 16 15
    g = F.interpolate(x, size=(5, 6))  # dims: N C 5 6
    h = nn.Conv2d(c, 4, 3, dilation=2)(x)  # dims: N 4 28 26
    i = nn.ConvTranspose2d(c, 4, 3, stride=2, padding=1, output_padding=1)(x)  # dims: N 4 64 60
    k = F.unfold(x, 2, stride=2)  # dims: N 4*C 240
    m = F.pixel_shuffle(torch.zeros(2, 12, 4, 4), 2)  # dims: 2 3 8 8
    n = x.unfold(2, 8, 4)  # dims: N C 7 30 8


def too_large(x: Float[Tensor, "N C 4 4"]) -> Tensor:
    return F.max_pool2d(x, 5)  # error: [size-impossible]


def not_a_multiple(x: Float[Tensor, "N 10 H W"]) -> Tensor:
    return F.pixel_shuffle(x, 2)  # error: [channels-differ]


def ranks(x: Float[Tensor, "N C T"]) -> Tensor:
    return nn.Conv2d(3, 8, 3)(x.unsqueeze(0).unsqueeze(0))  # error: [rank-unfit]


class Decoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Conv2d(1, 8, 3, stride=2, padding=1)
        self.up = nn.ConvTranspose2d(8, 1, 3, stride=2, padding=1)

    def forward(self, x: Float[Tensor, "N 1 28 28"]) -> Float[Tensor, "N 1 28 28"]:
        y = self.down(x)  # dims: N 8 14 14
        z = self.up(y)  # dims: N 1 27 27
        return z  # error: [result-differs]
