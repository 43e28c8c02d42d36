"""Sizes of tensors: unpacked, indexed, by `size`, sliced, starred, passed on."""

import torch
from jaxtyping import Float
from torch import Tensor


def unpacked(x: Float[Tensor, "B T C"]) -> Float[Tensor, "B*T C"]:
    b, t, c = x.shape
    y = x.view(b * t, c)  # dims: B*T C
    z = x.reshape(-1, c)  # dims: B*T C
    return y + z


def by_size(x: Float[Tensor, "B T C"]) -> Float[Tensor, "B T*C"]:
    y = x.view(x.size(0), x.size(1) * x.size(-1))  # dims: B C*T
    z = x.view(x.size(0), -1)  # dims: B C*T
    b, *_ = x.size()
    w = x.view(b, -1)
    return y + z + w


def sliced(x: Float[Tensor, "B T H W"]) -> Float[Tensor, "B*T H W"]:
    y = x.view(-1, *x.shape[2:])  # dims: B*T H W
    z = x.reshape(x.shape[0] * x.shape[1], *x.shape[-2:])  # dims: B*T H W
    h, w = x.shape[-2:]
    o = torch.zeros(h, w)  # dims: H W
    return y + z + o


def made(x: Float[Tensor, "B T C"]) -> Float[Tensor, "B T C"]:
    a = torch.zeros(x.shape)  # dims: B T C
    b = torch.randn(x.size(0), 1, x.size(2))  # dims: B 1 C
    c = torch.arange(x.shape[1])  # dims: T
    d = torch.full((len(x), x.shape[1], 1), 2.0)  # dims: B T 1
    e = torch.empty_like(x)  # dims: B T C
    f = torch.ones(*x.shape[:2], 1)  # dims: B T 1
    return a + b + c[:, None] + d + e + f


def numel(x: Float[Tensor, "2 3 4"]) -> Float[Tensor, "24"]:
    y = x.view(x.numel())  # dims: 24
    z = x.view(x.shape.numel())
    return y + z


def wrong_order(x: Float[Tensor, "B T C"]) -> Float[Tensor, "B T C"]:
    b, c, t = x.shape
    return x + torch.zeros(b, c, t) + torch.zeros(b, t, c)  # error: [broadcast-dims-differ]


def too_many(x: Float[Tensor, "B T C"]) -> Tensor:
    b, c, h, w = x.shape  # error: [unpack-differs]
    return x.view(b, c * h * w)


def too_few(x: Float[Tensor, "N C H W"]) -> Tensor:
    n, c = x.size()  # error: [unpack-differs]
    return x.view(n, c, -1)
