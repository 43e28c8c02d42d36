"""`x[...]` in all forms."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


def forms(x: Float[Tensor, "N C H W"], i: Int[Tensor, "K"], m: Bool[Tensor, "N C"], j: int) -> None:
    a = x[0]  # dims: C H W
    b = x[:, 1]  # dims: N H W
    c = x[..., 0]  # dims: N C H
    d = x[:, :, None]  # dims: N C 1 H W
    e = x[:, 2:5]  # dims: N 3 H W
    f = x[:, :, ::2]  # dims: N C (H+1)//2 W
    g = x[:, :, 1:, :-1]  # dims: N C H-1 W-1
    h = x[i]  # dims: K C H W
    k = x[:, i]  # dims: N K H W
    n = x[m]  # dims: _ H W
    o = x[j, None, ..., -1]  # dims: 1 C H
    p = x[i, i]  # dims: K H W
    q = x[[0, 2]]  # dims: 2 C H W
    r = x[x > 0]  # dims: _
    s = x[:, [2, 1, 0]]  # dims: N 3 H W
    u = x[torch.arange(x.shape[0]), 0]  # dims: N H W


def wrong_rank(x: Float[Tensor, "N C"]) -> Tensor:
    return x[:, 0, 0]  # error: [rank-unfit]


def wrong_mask(x: Float[Tensor, "N C"], m: Bool[Tensor, "C N"]) -> Tensor:
    return x[m]  # error: [index-differs]


def out_of_range(x: Float[Tensor, "N 3"]) -> Tensor:
    return x[:, 3]  # error: [index-out-of-range]


def store(
    x: Float[Tensor, "N C"], row: Float[Tensor, "C"], column: Float[Tensor, "N"]
) -> Float[Tensor, "N C"]:
    x[0] = row
    x[:, 0] = column
    x[0] = column  # error: [broadcast-dims-differ]
    return x
