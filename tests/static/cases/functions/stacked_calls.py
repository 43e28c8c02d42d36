"""Several modules and functions in a row, and a fault in the depth of a helper."""

from jaxtyping import Float
from torch import Tensor


def norm(x, eps=1e-6):
    return x / (x.norm(dim=-1, keepdim=True) + eps)


def similarity(a, b):
    return norm(a) @ norm(b).transpose(-1, -2)


def top(a, b, k):
    values, index = similarity(a, b).topk(k, dim=-1)
    return values, index


def use(a: Float[Tensor, "N D"], b: Float[Tensor, "M D"]) -> Float[Tensor, "N 5"]:
    values, index = top(a, b, 5)  # dims: N 5  # dims: N 5
    return values * index


def wrong(a: Float[Tensor, "N D"], b: Float[Tensor, "M E"]) -> Tensor:
    values, _ = top(a, b, 5)  # error: [contracted-dims-differ]
    return values
