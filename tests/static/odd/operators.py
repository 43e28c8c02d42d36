"""Operators between what has none."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


def f(x: Float[Tensor, "N C"], s: str, n: int):
    x @ s
    s @ x
    x + s
    x + [x]
    x + None
    x ** x.t()
    x // s
    s * x
    -s
    ~x
    +x
    not x
    x @ 3
    3 @ x
    x << x
    x | x.t()
    n @ n
    x += s
    x @= x
    x **= x
    s += x
    n //= 0
    x = x if x else x[0]
    (x) = x
    x: int = x
    [x] = x
    (a, b), c = x, x
    a = b = x @ x.t() @ x
    return (
        x,
        a,
        b,
        c,
        x.T.mT.H.real.imag.grad.data.shape.numel().x,
        x.shape + x.shape,
        x.shape * 2,
        x.shape[::-1],
        x.shape == x.shape,
    )
