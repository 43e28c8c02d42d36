"""Names and dims in other scripts."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


def f(é: Float[Tensor, "N Ç 通道"], ñ=3):
    "docstring ✓"
    return é @ é, "🙂" * ñ  # (N, Ç) 🙂
