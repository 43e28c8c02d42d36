"""Broadcast of different dims."""

import torch
from jaxtyping import Float
from torch import Tensor


def names(
    x: Float[Tensor, "N C H W"], c: Float[Tensor, "C"], w: Float[Tensor, "W"], s: Float[Tensor, "N 1"]
) -> None:
    x + w  # dims: N C H W
    x + c  # error: [broadcast-dims-differ]
    x * c[:, None, None]  # dims: N C H W
    x - c.view(1, -1, 1, 1)  # dims: N C H W
    torch.maximum(x, c)  # error: [broadcast-dims-differ]
    torch.where(x > 0, x, w)  # dims: N C H W
    torch.where(c > 0, x, x)  # error: [broadcast-dims-differ]
    x.sub(c)  # error: [broadcast-dims-differ]
    s + s.t()  # dims: N N
    x == c  # error: [broadcast-dims-differ]
    2 - x  # dims: N C H W
    torch.broadcast_tensors(x, w)


def kept(x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
    y = x - x.mean(dim=1, keepdim=True)  # dims: N C
    z = x / x.norm(dim=1)  # error: [broadcast-dims-differ]
    return y + z


def numbers(x: Float[Tensor, "8 3 5"], y: Float[Tensor, "3"]) -> None:
    x + y  # error: [broadcast-dims-differ]
    x + y[:, None]  # dims: 8 3 5
    x + torch.zeros(8, 1, 1)  # dims: 8 3 5
    x + torch.zeros(8, 5)  # error: [broadcast-dims-differ]


def in_place(x: Float[Tensor, "C"], y: Float[Tensor, "N C"]) -> None:
    y += x
    x += y  # error: [broadcast-dims-differ]
