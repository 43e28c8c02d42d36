"""Empty branches, loops and blocks."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


if True:
    pass
elif False:
    ...
for x, (y, [z, *w]) in []:
    break
else:
    pass
while False:
    continue
else:
    pass
with open("a") as f, open("b") as (g, h), x:
    pass
import os, sys as system
from os import path as p, sep
