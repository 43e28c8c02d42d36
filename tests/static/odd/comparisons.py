"""Chains of comparisons."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


def f(x: Float[Tensor, "N C"], n: int):
    if 0 < n <= x.shape[0] < 10 != n in [1] not in x is not None is n:
        x = x.t()
    assert 1 < n < 2 > 3 == x.shape[0] == x.shape[1] == n, f"{x}"
    return x < x.t() < 3, not x, x and n or x
