"""Names of other scopes."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


g = torch.zeros(2, 3)


def f():
    global g, h
    g = g.t()
    h = g @ g
    k = 1

    def inner():
        nonlocal k
        global g
        k += 1
        g = k
        return g

    return inner() + k
