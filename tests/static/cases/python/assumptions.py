"""`assert`, comparisons and raised errors are assumptions of what follows."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


def asserted(x: Float[Tensor, "N C"], y: Float[Tensor, "M C"]) -> Float[Tensor, "N C"]:
    assert x.shape[0] == y.shape[0]
    z = x + y
    return z


def asserted_shape(x: Float[Tensor, "N C"], y: Float[Tensor, "N D"]) -> Float[Tensor, "N C"]:
    assert x.shape == y.shape, "not of one shape"
    return x * y


def divisible(x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C H W"]:
    n, c, h, w = x.shape
    assert h % 2 == 0 and w % 2 == 0
    y = F.interpolate(F.avg_pool2d(x, 2), scale_factor=2)
    return x + y


def not_divisible(x: Float[Tensor, "N C 15 W"]) -> Float[Tensor, "N C 15 W"]:
    y = F.interpolate(F.avg_pool2d(x, 2), scale_factor=2)
    return x + y  # error: [broadcast-dims-differ]


def another(x: Float[Tensor, "N C"], y: Float[Tensor, "M C"]) -> Float[Tensor, "N C"]:
    assert x.shape[1] == y.shape[1]
    return x + y  # error: [broadcast-dims-differ]


def in_condition(x: Float[Tensor, "N C"], y: Float[Tensor, "M C"]) -> Float[Tensor, "N C"]:
    if x.size(0) == y.size(0):
        return x + y
    return x
