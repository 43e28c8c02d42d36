"""Comments behind statements."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


x = 1  # type: ignore
y = torch.zeros(2, 3)  # (A, B, C, D, E) -> (F)
z = y @ y  # noqa
