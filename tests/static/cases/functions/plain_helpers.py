"""Functions without annotations are followed through their bodies."""

import torch
from jaxtyping import Float
from torch import Tensor


def scores(q, k):
    return torch.matmul(q, k.transpose(-2, -1))


def project(x, w, bias=None):
    y = x @ w
    if bias is not None:
        y = y + bias
    return y


def split_heads(x, heads):
    b, t, c = x.shape
    return x.view(b, t, heads, c // heads).transpose(1, 2)


def both(x):
    return x.sum(0), x.sum(1)


def use(
    q: Float[Tensor, "B T D"], k: Float[Tensor, "B S D"], w: Float[Tensor, "D E"]
) -> Float[Tensor, "B T E"]:
    s = scores(q, k)  # dims: B T S
    y = project(q, w)  # dims: B T E
    z = project(q, w, bias=w[0])  # dims: B T E
    return y + z + s.mean()


def use_wrong(q: Float[Tensor, "B T D"], w: Float[Tensor, "E D"]) -> Float[Tensor, "B T E"]:
    return project(q, w)  # error: [contracted-dims-differ]


def heads_of(x: Float[Tensor, "B T 64"]) -> Float[Tensor, "B 8 T 8"]:
    y = split_heads(x, 8)  # dims: B 8 T 8
    return y


def tuples_of(x: Float[Tensor, "N C"]) -> Float[Tensor, "C"]:
    columns, rows = both(x)  # dims: C  # dims: N
    return columns + rows  # error: [broadcast-dims-differ]
