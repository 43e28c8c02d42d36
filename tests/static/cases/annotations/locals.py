"""Locals are held to their annotations, and are what these say from there on."""

from jaxtyping import Float
from torch import Tensor


def locals_of(x: Float[Tensor, "B T C"], parts: list) -> Float[Tensor, "B C"]:
    pooled: Float[Tensor, "B C"] = x.mean(1)  # dims: B C
    first: Float[Tensor, "B C"] = parts[0]  # dims: B C
    y = pooled + first  # dims: B C
    wrong: Float[Tensor, "B C"] = x.mean(2)  # error: [local-differs]
    z = y * wrong  # dims: B C
    return z


def declared(x: Float[Tensor, "N 3 H W"]) -> Float[Tensor, "N 3"]:
    y: Float[Tensor, "N 3"]
    y = x.mean((2, 3))  # dims: N 3
    k: int = 3
    z: Float[Tensor, "N k"] = y.view(-1, k)  # dims: N 3
    return z
