"""Tensors in optionals, tuples, lists and dicts."""

from typing import Optional

from jaxtyping import Float, Int
from torch import Tensor


def pair(x: Float[Tensor, "N C"]) -> tuple[Float[Tensor, "N"], Float[Tensor, "C"]]:
    return x.sum(1), x.sum(0)


def pair_swapped(x: Float[Tensor, "N C"]) -> tuple[Float[Tensor, "N"], Float[Tensor, "C"]]:
    return x.sum(0), x.sum(1)  # error: [result-differs]  # error: [result-differs]


def unpacked(both: tuple[Float[Tensor, "N C"], Int[Tensor, "N"]]) -> Float[Tensor, "N C"]:
    x, index = both  # dims: N C  # dims: N
    y = x[index]  # dims: N C
    return y


def listed(xs: list[Float[Tensor, "N C"]]) -> Float[Tensor, "N C"]:
    total = xs[0]  # dims: N C
    for x in xs[1:]:
        total = total + x  # dims: N C
    return total


def listed_wrong(xs: list[Float[Tensor, "N C"]]) -> Float[Tensor, "C"]:
    return xs[0]  # error: [result-differs]


def optional(x: Float[Tensor, "N C"], bias: Optional[Float[Tensor, "C"]] = None) -> Float[Tensor, "N C"]:
    if bias is not None:
        x = x + bias  # dims: N C
    return x


def by_key(batch: dict[str, Float[Tensor, "N C"]]) -> Float[Tensor, "C N"]:
    y = batch["image"].t()
    return y
