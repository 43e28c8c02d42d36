"""Patterns of einops."""

import torch.nn as nn
from einops import einsum, rearrange, reduce, repeat
from einops.layers.torch import Rearrange
from jaxtyping import Float
from torch import Tensor


def tokens(x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N H*W C"]:
    y = rearrange(x, "n c h w -> n (h w) c")
    return y


def patches(x: Float[Tensor, "N 3 224 224"]) -> Float[Tensor, "N 196 768"]:
    y = rearrange(x, "b c (h p) (w q) -> b (h w) (p q c)", p=16, q=16)  # dims: N 196 768
    return y


def pooled(x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C"]:
    y = reduce(x, "n c h w -> n c", "mean")  # dims: N C
    z = repeat(y, "n c -> n c k", k=3)  # dims: N C 3
    w = einsum(y, z, "n c, n c k -> n k")  # dims: N 3
    return y + w.sum()


class Heads(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.split = Rearrange("b t (h d) -> b h t d", h=8)

    def forward(self, x: Float[Tensor, "B T 64"]) -> Float[Tensor, "B 8 T 8"]:
        y = self.split(x)  # dims: B 8 T 8
        return y


def wrong_rank(x: Float[Tensor, "N C H W"]) -> Tensor:
    return rearrange(x, "n h w -> n (h w)")  # error: [bad-pattern]


def not_divisible(x: Float[Tensor, "N 30"]) -> Tensor:
    return rearrange(x, "n (h d) -> n h d", h=8)  # error: [elements-differ]


def unfit(x: Float[Tensor, "N C"], w: Float[Tensor, "D E"]) -> Tensor:
    return einsum(x, w, "n c, c e -> n e")  # error: [contracted-dims-differ]
