"""Functions that call themselves and each other end, and what is sure of them is known."""

from jaxtyping import Float
from torch import Tensor


def tree(x: Float[Tensor, "N C"], depth: int) -> Float[Tensor, "N C"]:
    if depth == 0:
        return x
    return tree(x * 2, depth - 1) + tree(x, depth - 1)


def even(x, n):
    return x if n == 0 else odd(x, n - 1)


def odd(x, n):
    return even(x, n - 1)


def use(x: Float[Tensor, "N C"], n: int) -> Float[Tensor, "N C"]:
    y = even(x, n)
    z = tree(x, 3)  # dims: N C
    return z + y


def wrong(x: Float[Tensor, "N C"], depth: int) -> Float[Tensor, "N"]:
    if depth == 0:
        return x  # error: [result-differs]
    return wrong(x, depth - 1)
