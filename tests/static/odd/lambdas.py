"""Lambdas that hold, take and call each other."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


f = lambda x=torch.zeros(2, 3), *a, k=lambda: f, **b: (x, a, k()(), b)
g = (lambda: (yield))()
h = sorted([1], key=lambda _: h)
r = (lambda f: f(f))(lambda f: f(f))
y = (lambda n: y(n - 1))(5)
