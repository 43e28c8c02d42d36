"""Several statements on a line."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


x = 1
y = 2
torch.zeros(x, y) @ torch.zeros(5, 6)
pass
