"""Axes of reductions and what they leave."""

import torch
from jaxtyping import Float
from torch import Tensor


def reductions(x: Float[Tensor, "N C H W"]) -> None:
    a = x.sum()  # dims:
    b = x.mean(1)  # dims: N H W
    c = x.amax(dim=(2, 3), keepdim=True)  # dims: N C 1 1
    d, e = x.max(dim=1)  # dims: N H W  # dims: N H W
    f = x.argmax(-1)  # dims: N C H
    g = torch.std(x, dim=[0, 2, 3])  # dims: C
    h = x.logsumexp(1, keepdim=True)  # dims: N 1 H W
    i = x.cumsum(1)  # dims: N C H W
    k = x.mean(4)  # error: [axis-out-of-range]
    m = x.sum((1, 1))  # error: [axis-repeated]
    n = x.norm(dim=-1)  # dims: N C H
    o, p = x.flatten(1).topk(5)  # dims: N 5  # dims: N 5
    q, r = x.sort(dim=2, descending=True)  # dims: N C H W  # dims: N C H W
    s = x.max(1).values  # dims: N H W
    t = torch.linalg.vector_norm(x, dim=(1, 2))  # dims: N W
    u = x.flatten(2).var(-1)  # dims: N C


def forgot_keepdim(x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C H W"]:
    scale = x.amax(dim=(2, 3))  # dims: N C
    return x / scale  # error: [broadcast-dims-differ]


def scalar(x: Float[Tensor, "N"]) -> Float[Tensor, ""]:
    return x.mean(0, keepdim=True)  # error: [result-differs]
