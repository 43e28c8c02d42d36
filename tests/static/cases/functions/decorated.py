"""Decorators that keep what they decorate; others make anything of it."""

from functools import lru_cache, wraps

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


def logged(function):
    @wraps(function)
    def inner(*args, **kwargs):
        return function(*args, **kwargs)

    return inner


@torch.no_grad()
def evaluate(x: Float[Tensor, "N C"]) -> Float[Tensor, "C"]:
    return x.sum(1)  # error: [result-differs]


@torch.jit.script
def fused(x: Float[Tensor, "N C"]) -> Float[Tensor, "N"]:
    y = x.sum(1)  # dims: N
    return y


@lru_cache(maxsize=4)
def table(length: int, width: int) -> Tensor:
    return torch.zeros(length, width)


@logged
def any_of(x):
    return x[0]


class Net(nn.Module):
    @property
    def width(self) -> int:
        return 12

    @staticmethod
    def norm(x: Float[Tensor, "N C"]) -> Float[Tensor, "N 1"]:
        return x.norm(dim=1, keepdim=True)

    @classmethod
    def create(cls) -> "Net":
        return cls()

    def forward(self, x: Float[Tensor, "N 12"]) -> Float[Tensor, "N 12"]:
        n = self.norm(x)  # dims: N 1
        y = x.view(-1, self.width)  # dims: N 12
        t = table(5, self.width)
        return y / n + t[0] + any_of(x)
