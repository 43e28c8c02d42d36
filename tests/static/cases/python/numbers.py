"""Numbers that modules hold: pi and infinity are numbers, whatever stands next to them."""

import math
from math import inf

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor


def numbers(x: Float[Tensor, "N C"], mask: Bool[Tensor, "N C"], other: Bool[Tensor, "C N"]) -> None:
    x * math.pi  # dims: N C
    x / np.pi + torch.pi  # dims: N C
    torch.where(mask, x, -math.inf)  # dims: N C
    torch.where(mask, x, -inf)  # dims: N C
    torch.where(other, x, torch.inf)  # error: [broadcast-dims-differ]
