"""Annotations that the language refuses are findings; the rest of the file is checked."""

from jaxtyping import Float
from torch import Tensor


def bad(x: Float[Tensor, "N C*"]) -> Tensor:  # error: [bad-annotation]
    return x


def two(
    x: Float[Tensor, "N ("],  # error: [bad-annotation]
    y: Float[Tensor, "N)"],  # error: [bad-annotation]
) -> Tensor:
    return x + y


def good(x: Float[Tensor, "N C"]) -> Float[Tensor, "N"]:
    return x  # error: [result-differs]
