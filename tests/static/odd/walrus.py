"""Assignments in expressions."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


def f(x: Float[Tensor, "N C"]):
    while (y := x.sum(1)).mean() > 0 and (n := len(y)):
        x = x / n
    return [z for i in range(3) if (z := x * i) is not None], (x := y), z
