"""Integer arithmetic of sizes."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

SIZE = 7


def computed(x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C H//2*(W//2)"]:
    n, c, h, w = x.shape
    h2, w2 = h // 2, w // 2
    y = torch.zeros(n, c, h2 * w2)
    pad = (SIZE - 1) // 2
    z = torch.zeros(n, SIZE + 2 * pad, 2**3)  # dims: N 13 8
    a = torch.zeros(math.ceil(7 / 2), max(2, 3), min(4, 5), abs(-3))  # dims: 4 3 4 3
    b = torch.zeros(int(SIZE * 0.5), round(2.4), -(-7 // 2))  # dims: 3 2 4
    q, r = divmod(SIZE, 2)
    d = torch.zeros(q, r)  # dims: 3 1
    e = torch.zeros(sum([2, 3]), len([1, 2, 3]), int(math.sqrt(16)))  # dims: 5 3 4
    f = torch.zeros(n * 2 - n, c + c)  # dims: N 2*C
    g = torch.zeros(math.prod((2, 3, 4)), 10 % 4)  # dims: 24 2
    return y + (z.sum() + a.sum() + b.sum() + d.sum() + e.sum() + f.sum() + g.sum())


def equal_by_algebra(x: Float[Tensor, "N C"]) -> Float[Tensor, "2*N C"]:
    n, c = x.shape
    y = torch.zeros(n + n, c)  # dims: 2*N C
    z = torch.cat([x, x])  # dims: 2*N C
    w = torch.zeros((n + 1) * 2 - 2, c)  # dims: 2*N C
    return y + z + w


def off_by_one(x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
    n, c = x.shape
    y = torch.zeros(n - 1, c)  # dims: N-1 C
    return x + y  # error: [broadcast-dims-differ]
