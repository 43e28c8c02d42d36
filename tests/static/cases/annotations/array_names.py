"""The array type may have any name: torch.Tensor, an alias, a parameter class, numpy's."""

import torch
from jaxtyping import Float
from torch import Tensor as T
from torch.nn import Parameter

Image = Float[T, "C H W"]
SHAPE = "N C"


def alias(x: Image) -> Image:
    y = x.flip(0)  # dims: C H W
    return y


def nested_alias(x: Float[Image, "N"]) -> Float[Image, "N"]:
    y = x + 1  # dims: N C H W
    return y


def by_constant(x: Float[torch.Tensor, SHAPE]) -> Float[torch.Tensor, "C N"]:
    y = x.transpose(0, 1)  # dims: C N
    return y


def parameter(x: Float[Parameter, "N C"]) -> Float[T, "N N"]:
    y = x @ x.T  # dims: N N
    return y


def alias_wrong(x: Image) -> Image:
    return x.permute(1, 2, 0)  # error: [result-differs]
