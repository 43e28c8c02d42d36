"""Functions with annotations are called by their signature, whatever their body does."""

from jaxtyping import Float
from torch import Tensor


def attention(
    q: Float[Tensor, "B H T D"], k: Float[Tensor, "B H S D"], v: Float[Tensor, "B H S E"]
) -> Float[Tensor, "B H T E"]:
    weights = (q @ k.transpose(-2, -1)).softmax(-1)  # dims: B H T S
    return weights @ v  # dims: B H T E


def pool(x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C"]:
    return opaque(x)


def use(x: Float[Tensor, "N H T D"], y: Float[Tensor, "N H S D"]) -> Float[Tensor, "N H T D"]:
    z = attention(x, y, y)  # dims: N H T D
    return z


def use_wrong(x: Float[Tensor, "N H T D"], y: Float[Tensor, "N H S D"]) -> Float[Tensor, "N H T D"]:
    z = attention(x, x, y)  # error: [argument-differs]
    return z


def use_rank(x: Float[Tensor, "N C T"], y: Float[Tensor, "2 3 4 5"]) -> Float[Tensor, "N C"]:
    fine = pool(y)  # dims: 2 3
    return pool(x) + fine.sum()  # error: [argument-differs]


def by_keyword(x: Float[Tensor, "N H T D"], y: Float[Tensor, "N H S D"]) -> Float[Tensor, "N H T D"]:
    return attention(v=y, k=y, q=x)  # dims: N H T D


def results_differ(x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C H"]:
    return pool(x)  # error: [result-differs]
