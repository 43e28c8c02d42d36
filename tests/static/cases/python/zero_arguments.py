"""Integer parameters may be zero or negative."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


def by_depth(x: Float[Tensor, "N C"], depth: int) -> Float[Tensor, "N"]:
    if depth == 0:
        return x  # error: [result-differs]
    return x.sum(1)


def by_axis(x: Float[Tensor, "N C"], axis: int) -> Tensor:
    if axis < 0:
        axis = axis + 2
    if axis == 0:
        return x.sum(1) + x.sum(0)  # error: [broadcast-dims-differ]
    return x.sum(1)


def padded(x: Float[Tensor, "N C"], pad: int = 0) -> Float[Tensor, "N C"]:
    if pad == 0:
        return x
    return F.pad(x, (pad, pad))[:, pad:-pad]
