"""Groups, anonymous axes, broadcastable axes and arithmetic in shapes."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


def last_axis(x: Float[Tensor, "*batch C"], w: Float[Tensor, "D C"]) -> Float[Tensor, "*batch D"]:
    y = F.linear(x, w)  # dims: *batch D
    return y


def any_axes(x: Float[Tensor, "... H W"]) -> Float[Tensor, "... W H"]:
    y = x.transpose(-1, -2)  # dims: ... W H
    return y


def anonymous(x: Float[Tensor, "_ C"], y: Float[Tensor, "_ C"]) -> Float[Tensor, "C C"]:
    z = x.t() @ x  # dims: C C
    return z + y.sum(0)


def halves(x: Float[Tensor, "N 2*C"]) -> Float[Tensor, "N C"]:
    a, b = x.chunk(2, dim=1)  # dims: N C  # dims: N C
    return a * b.sigmoid()


def strided(x: Float[Tensor, "N C T"]) -> Float[Tensor, "N C T//2"]:
    y = F.max_pool1d(x, 2)  # dims: N C T//2
    return y


def not_halved(x: Float[Tensor, "N 2*C"]) -> Float[Tensor, "N C"]:
    return x * 2  # error: [result-differs]


def flattened(x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N (C H W)"]:
    y = x.flatten(1)
    return y
