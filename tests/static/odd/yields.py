"""Generators."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


def f(x: Float[Tensor, "N C"]) -> Float[Tensor, "N"]:
    y = yield x
    z = yield from f(y)
    return (yield)


for a in f(1):
    a.b
b = list(f(2)) + [*f(3)]
c, d = f(4)
