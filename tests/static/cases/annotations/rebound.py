"""A parameter with dims that is assigned anew is something else from there on."""

from jaxtyping import Float
from torch import Tensor


def rebound(x: Float[Tensor, "B T C"]) -> Float[Tensor, "B C T"]:
    x = x.transpose(1, 2)  # dims: B C T
    x = x + 1  # dims: B C T
    return x


def rebound_twice(x: Float[Tensor, "B T C"], flag: bool) -> Float[Tensor, "B T C"]:
    x = x.transpose(1, 2)  # dims: B C T
    x = x.transpose(1, 2)  # dims: B T C
    if flag:
        x = x * 2  # dims: B T C
    return x


def forgotten(x: Float[Tensor, "B T C"]) -> Float[Tensor, "B T C"]:
    x = x.transpose(1, 2)  # dims: B C T
    x = x.relu()  # dims: B C T
    return x  # error: [result-differs]


def in_place(x: Float[Tensor, "B T C"], other: Float[Tensor, "B 1 C"]) -> Float[Tensor, "B T C"]:
    x += other  # dims: B T C
    x *= 2  # dims: B T C
    return x
