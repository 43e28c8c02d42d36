"""Channels, in_features, norm widths, embedding sizes."""

import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.depthwise = nn.Conv2d(8, 16, 3, groups=8)
        self.up = nn.ConvTranspose2d(8, 4, 2, stride=2)
        self.batch = nn.BatchNorm2d(8)
        self.group = nn.GroupNorm(2, 8)
        self.layer = nn.LayerNorm([8, 4, 4])
        self.fc = nn.Linear(8 * 4 * 4, 10)
        self.embed = nn.Embedding(100, 12)

    def images(self, x: Float[Tensor, "N 3 4 4"], grey: Float[Tensor, "N 1 4 4"]) -> Float[Tensor, "N 10"]:
        y = self.conv(x)  # dims: N 8 4 4
        a = self.depthwise(y)  # dims: N 16 2 2
        b = self.up(y)  # dims: N 4 8 8
        c = self.layer(self.group(self.batch(y)))  # dims: N 8 4 4
        self.conv(grey)  # error: [channels-differ]
        self.up(a)  # error: [channels-differ]
        self.batch(a)  # error: [channels-differ]
        self.group(b)  # error: [channels-differ]
        self.layer(b)  # error: [norm-sizes-differ]
        return self.fc(c.flatten(1))

    def unflattened(self, x: Float[Tensor, "N 3 4 4"]) -> Tensor:
        y = self.conv(x)
        return self.fc(y)  # error: [contracted-dims-differ]

    def pooled_first(self, x: Float[Tensor, "N 3 4 4"]) -> Tensor:
        y = F.max_pool2d(self.conv(x), 2)  # dims: N 8 2 2
        return self.fc(y.flatten(1))  # error: [contracted-dims-differ]

    def tokens(self, ids: Int[Tensor, "B T"], x: Float[Tensor, "B T 16"]) -> Float[Tensor, "B T 12"]:
        e = self.embed(ids)  # dims: B T 12
        return e + x  # error: [broadcast-dims-differ]

    def functional(self, x: Float[Tensor, "N 3 H W"], w: Float[Tensor, "8 4 3 3"]) -> Tensor:
        return F.conv2d(x, w)  # error: [channels-differ]
