"""A signature is bound anew at every call: its dims stand for what is given."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


def residual(x: Float[Tensor, "*batch C"], y: Float[Tensor, "*batch C"]) -> Float[Tensor, "*batch C"]:
    return x + y


def outer(x: Float[Tensor, "N"], y: Float[Tensor, "M"]) -> Float[Tensor, "N M"]:
    return x[:, None] * y[None, :]


def upsample(x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C 2*H 2*W"]:
    return F.interpolate(x, scale_factor=2)


def use(
    a: Float[Tensor, "B T C"], b: Float[Tensor, "B C"], i: Float[Tensor, "B 3 8 9"]
) -> Float[Tensor, "B C"]:
    c = residual(a, a)  # dims: B T C
    d = residual(b, b)  # dims: B C
    e = outer(b[:, 0], b[0])  # dims: B C
    f = upsample(i)  # dims: B 3 16 18
    g = upsample(upsample(i))  # dims: B 3 32 36
    return d + e + c.mean() + f.mean() + g.mean()


def use_wrong(a: Float[Tensor, "B T C"], b: Float[Tensor, "B C"]) -> Float[Tensor, "B T C"]:
    return residual(a, b)  # error: [argument-differs]
