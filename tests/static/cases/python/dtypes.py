"""Dtypes, devices and methods that keep dims."""

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor


def kept(x: Float[Tensor, "N C"], device: torch.device) -> Float[Tensor, "N C"]:
    a = x.to(device)  # dims: N C
    b = a.float().half().cpu().detach().clone().contiguous()  # dims: N C
    c = b.type_as(x).to(torch.float32)  # dims: N C
    d = c.clamp(min=0).sqrt().add(1).mul(x).requires_grad_()  # dims: N C
    e = F.dropout(F.gelu(d), 0.1, training=True)  # dims: N C
    f = torch.clamp(torch.exp(e), 0, 1)  # dims: N C
    g = (f > 0.5) & (f < 0.7) | ~(f == 0)  # dims: N C
    h = torch.isnan(f).logical_not()  # dims: N C
    i = -(abs(f) ** 2) % 3 // 1  # dims: N C
    return i * g * h


def compared(x: Float[Tensor, "N C"], y: Float[Tensor, "N"]) -> Bool[Tensor, "N"]:
    a = x.argmax(-1) == y  # dims: N
    b = (x > 0).all(dim=1)  # dims: N
    return a & b
