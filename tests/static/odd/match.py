"""Patterns of all kinds."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


def f(x: Float[Tensor, "N C"], y):
    match y:
        case 0 | 1:
            return x
        case [a, b, *rest] if a > b:
            x = x + a
        case {"k": v, **others}:
            x = v
        case nn.Linear(in_features=n) as layer:
            x = layer(x)
        case 1.5 | -2j | "s" | b"b" | None | True:
            pass
        case str() | int():
            del x
        case [Tensor(shape=[n, c])]:
            x = torch.zeros(n, c)
        case other:
            return other @ x
    return x
