"""Sizes that are computed of arguments."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


class Attention(nn.Module):
    def __init__(self, dim: int, heads: int = 8) -> None:
        super().__init__()
        assert dim % heads == 0
        self.heads = heads
        self.head_dim = dim // heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x: Float[Tensor, "B T dim"]) -> Float[Tensor, "B T dim"]:
        b, t, c = x.shape
        qkv = self.qkv(x)  # dims: B T 3*dim
        q, k, v = qkv.chunk(3, dim=-1)  # dims: B T dim  # dims: B T dim  # dims: B T dim
        q = q.view(b, t, self.heads, self.head_dim).transpose(1, 2)  # dims: B heads T dim//heads
        k = k.view(b, t, self.heads, self.head_dim).transpose(1, 2)
        v = v.view(b, t, self.heads, self.head_dim).transpose(1, 2)
        a = (q @ k.transpose(-2, -1)).softmax(-1)  # dims: B heads T T
        y = (a @ v).transpose(1, 2).reshape(b, t, c)  # dims: B T dim
        return self.out(y)


class Expand(nn.Module):
    def __init__(self, channels: int, ratio: int = 4) -> None:
        super().__init__()
        hidden = channels * ratio
        self.net = nn.Sequential(nn.Linear(channels, hidden), nn.GELU(), nn.Linear(hidden, channels))
        self.gate = nn.Linear(channels * 4, channels)

    def forward(self, x: Float[Tensor, "N channels"]) -> Float[Tensor, "N channels"]:
        y = self.net(x)  # dims: N channels
        return y


class OffByOne(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.up = nn.Linear(channels, channels + 1)
        self.down = nn.Linear(channels, channels)

    def forward(self, x: Float[Tensor, "N channels"]) -> Float[Tensor, "N channels"]:
        y = self.up(x)  # dims: N channels+1
        return self.down(y)  # error: [contracted-dims-differ]


class Concatenated(nn.Module):
    def __init__(self, left: int, right: int, out: int) -> None:
        super().__init__()
        self.fuse = nn.Linear(left + right, out)
        self.wrong = nn.Linear(left, out)

    def forward(self, a: Float[Tensor, "N left"], b: Float[Tensor, "N right"]) -> Float[Tensor, "N out"]:
        c = torch.cat([a, b], dim=1)
        y = self.fuse(c)  # dims: N out
        return y
