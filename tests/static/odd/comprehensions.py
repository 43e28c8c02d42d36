"""Comprehensions in comprehensions."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


a = [[[x for x in y] for y in z] for z in [[[torch.zeros(2)]]]]
b = {x: y for x, y in zip(a, b) if x if y for z in x}
c = {x for x in c}
d = (x for x in d)
e = [e for e in e for e in e]
f = [lambda: x for x in range(3)]
g = torch.stack([torch.cat([torch.zeros(i, j) for i in range(j)]) for j in range(4)])
h = sum(x for x in [g, g, g])
i = max(i for i in [])
