"""Names, items and attributes that go."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


def f(x: Float[Tensor, "N C"], d):
    y = [x]
    del y[0], y[:], d.a, d["k"], (x, y)
    del d
    return x + y + d
