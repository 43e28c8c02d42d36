"""Layers that change shapes: flatten, unflatten, upsample, pixel shuffle, pooling, padding."""

import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.flatten = nn.Flatten()
        self.unflatten = nn.Unflatten(1, (4, 6, 6))
        self.up = nn.Upsample(scale_factor=2)
        self.shuffle = nn.PixelShuffle(2)
        self.pool = nn.AdaptiveAvgPool2d((1, 1))
        self.pad = nn.ZeroPad2d(1)
        self.max = nn.MaxPool2d(2)
        self.bilinear = nn.Bilinear(4, 5, 6)
        self.fold = nn.Unfold(2)
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, batch_first=True), 3)

    def forward(self, x: Float[Tensor, "N 4 6 6"]) -> None:
        a = self.flatten(x)  # dims: N 144
        b = self.unflatten(a)  # dims: N 4 6 6
        c = self.up(x)  # dims: N 4 12 12
        d = self.shuffle(x)  # dims: N 1 12 12
        e = self.pool(x)  # dims: N 4 1 1
        f = self.pad(x)  # dims: N 4 8 8
        g = self.max(x)  # dims: N 4 3 3
        h = self.fold(x)  # dims: N 16 25

    def vectors(self, x: Float[Tensor, "N 4"], y: Float[Tensor, "N 5"], t: Float[Tensor, "B T 8"]) -> None:
        a = self.bilinear(x, y)  # dims: N 6
        b = self.encoder(t)  # dims: B T 8
        self.bilinear(y, x)  # error: [contracted-dims-differ]
