"""A broadcast whose result holds one dim twice."""

import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


def column_minus_row(value: Float[Tensor, "N 1"], target: Float[Tensor, "N"]) -> Float[Tensor, ""]:
    error = value - target  # warning: [broadcast-repeats-dim]
    return error.pow(2).mean()


def right(value: Float[Tensor, "N 1"], target: Float[Tensor, "N"]) -> Float[Tensor, ""]:
    error = value.squeeze(-1) - target  # dims: N
    other = value - target.unsqueeze(-1)  # dims: N 1
    return (error + other[:, 0]).mean()


def deliberate(x: Float[Tensor, "N D"]) -> Float[Tensor, "N N D"]:
    d = x[:, None] - x[None, :]  # dims: N N D
    return d


def pairwise(a: Float[Tensor, "N"]) -> Float[Tensor, "N N"]:
    d = a.unsqueeze(0) - a.unsqueeze(1)  # dims: N N
    return d


class Value(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(16, 1)

    def advantage(self, x: Float[Tensor, "B 16"], reward: Float[Tensor, "B"]) -> Tensor:
        value = self.head(x)  # dims: B 1
        return (reward - value).mean()  # warning: [broadcast-repeats-dim]
