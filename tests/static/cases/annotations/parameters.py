"""Dims of parameters are known in the body, and results are held to their annotation."""

from jaxtyping import Float, Int
from torch import Tensor


def scaled(x: Float[Tensor, "N C H W"], scale: Float[Tensor, "C 1 1"]) -> Float[Tensor, "N C H W"]:
    y = x * scale  # dims: N C H W
    return y


def mean(x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C"]:
    y = x.mean(dim=(2, 3))  # dims: N C
    return y


def wrong_axis(x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C"]:
    y = x.mean(dim=(1, 2))  # dims: N W
    return y  # error: [result-differs]


def wrong_rank(x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C"]:
    return x.mean(dim=1)  # error: [result-differs]


def kept(
    x: Float[Tensor, "N C"], *, bias: Float[Tensor, "C"], rows: Int[Tensor, "N"]
) -> Float[Tensor, "N C"]:
    y = x + bias  # dims: N C
    z = x + rows  # error: [broadcast-dims-differ]
    return y - z
