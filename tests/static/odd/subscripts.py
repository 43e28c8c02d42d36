"""Subscripts that no tensor takes."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


def f(x: Float[Tensor, "N C"]):
    x[...]
    x[..., ...]
    x[None, None, None]
    x[()]
    x[[]]
    x[x]
    x[x[x]]
    x[:, ::0]
    x[::-1]
    x["a"]
    x[1.5]
    x[1j]
    x[:, None, ..., True, False]
    x[-100]
    x[100:1:-3]
    x[slice(1, None, 2)]
    x[[[0]], [[[1]]]]
    x[{}]
    x[lambda: 0]
    x[*x]
    x[0] = x
    x[:, 0] += x
    x[x > 0] = 3
    x[...] = None
    x[0][1][2][3][4] = x
    x.a.b.c = x
    x().y[0]().z = x
    return x[0, 0, 0, 0], x[x.shape], x[:x], x[x:x:x]
