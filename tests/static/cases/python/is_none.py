"""`is None` decides, on both sides and behind."""

from typing import NamedTuple, Optional

import torch
import torch.nn as nn
from jaxtyping import Bool, Float
from torch import Tensor


def given(x: Float[Tensor, "N C"], bias: Float[Tensor, "C"] | None = None) -> Float[Tensor, "N C"]:
    if bias is None:
        bias = torch.zeros(x.shape[1])
    y = x + bias  # dims: N C
    return y


def returned(x: Float[Tensor, "N C"], mask: Optional[Bool[Tensor, "N C"]]) -> Float[Tensor, "N C"]:
    if mask is None:
        return x
    y = x.masked_fill(mask, 0)  # dims: N C
    return y


def passed_none(x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
    y = given(x, None)  # dims: N C
    z = given(x)  # dims: N C
    return y + z


def wrong(x: Float[Tensor, "N C"], bias: Optional[Float[Tensor, "N"]] = None) -> Float[Tensor, "N C"]:
    if bias is not None:
        x = x + bias  # error: [broadcast-dims-differ]
    return x


class Net(nn.Module):
    def __init__(self, residual: bool) -> None:
        super().__init__()
        self.skip = nn.Linear(4, 8) if residual else None
        self.main = nn.Linear(4, 8)

    def forward(self, x: Float[Tensor, "N 4"]) -> Float[Tensor, "N 8"]:
        y = self.main(x)  # dims: N 8
        if self.skip is not None:
            y = y + self.skip(x)  # dims: N 8
        return y


class State(NamedTuple):
    h: Float[Tensor, "N C"]
    c: Float[Tensor, "N C"] | None = None


def of_a_field(x: Float[Tensor, "N C"], state: State) -> Float[Tensor, "N C"]:
    c = state.c
    if c is None:
        return x.mT  # error: [result-differs]
    return x + c


def of_a_gradient(x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
    if x.grad is None:
        return x.mT  # error: [result-differs]
    return x
