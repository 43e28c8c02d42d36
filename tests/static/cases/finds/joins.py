"""Sizes that cat, stack, split and chunk need."""

import torch
from jaxtyping import Float
from torch import Tensor


def joins(x: Float[Tensor, "N C T"], y: Float[Tensor, "N D T"], z: Float[Tensor, "M C T"]) -> None:
    a = torch.cat([x, y], dim=1)  # dims: N C+D T
    b = torch.cat((x, x), -1)  # dims: N C 2*T
    c = torch.stack([x, x], dim=1)  # dims: N 2 C T
    d, e = x.split([2, 3], dim=1)  # dims: N 2 T  # dims: N 3 T
    f = torch.hstack([x, y])  # dims: N C+D T
    g = torch.cat([x, y, z], dim=1)  # error: [cat-sizes-differ]
    h = torch.stack([x, y])  # error: [cat-sizes-differ]
    i = torch.cat([x, x[0]], dim=0)  # error: [rank-unfit]
    k = torch.cat([x, y])  # error: [cat-sizes-differ]
    m = torch.cat([x, y], dim=3)  # error: [axis-out-of-range]


def splits(x: Float[Tensor, "N 12"]) -> None:
    a, b, c = x.chunk(3, dim=1)  # dims: N 4  # dims: N 4  # dims: N 4
    d, e = x.split(6, 1)  # dims: N 6  # dims: N 6
    f, g = x.tensor_split(2, dim=1)  # dims: N 6  # dims: N 6
    h, i = x.split([5, 6], dim=1)  # error: [split-sizes-differ]
    k, m = x.chunk(3, dim=1)  # error: [unpack-differs]
    o, p = x[:, :2].unbind(1)  # dims: N  # dims: N
    q, r, s = x[:, :2].unbind(1)  # error: [unpack-differs]
