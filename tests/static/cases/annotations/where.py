"""`where` holds in the body, and is an obligation of the caller."""

from jaxtyping import Float
from torch import Tensor


def shuffled(x: Float[Tensor, "N C H W where C % 4 == 0"]) -> Float[Tensor, "N C H W"]:
    n, c, h, w = x.shape
    y = x.view(n, 4, c // 4, h, w).transpose(1, 2)  # dims: N C//4 4 H W
    return y.reshape(n, c, h, w)


def square(x: Float[Tensor, "N H W where H == W"]) -> Float[Tensor, "N H W"]:
    y = x + x.transpose(1, 2)
    return y


def not_square(x: Float[Tensor, "N H W"]) -> Float[Tensor, "N H W"]:
    return x + x.transpose(1, 2)  # error: [broadcast-dims-differ]


def calls(a: Float[Tensor, "2 8 5 5"], b: Float[Tensor, "2 6 5 5"], c: Float[Tensor, "2 5 6"]) -> None:
    shuffled(a)
    shuffled(b)  # error: [where-broken]
    square(c)  # error: [where-broken]
