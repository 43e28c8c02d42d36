"""A view only splits and merges neighbours in order; a view that moves dims is a warning."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


def heads_by_view(x: Float[Tensor, "B T C"]) -> Tensor:
    b, t, c = x.shape
    y = x.view(b, 8, t, c // 8)  # warning: [view-moves-dims]
    return y.softmax(-1)


def heads_right(x: Float[Tensor, "B T C"]) -> Tensor:
    b, t, c = x.shape
    y = x.view(b, t, 8, c // 8).transpose(1, 2)  # dims: B 8 T C//8
    z = y.transpose(1, 2).reshape(b, t, c)  # dims: B T C
    return z


def merged_wrong(x: Float[Tensor, "B H T D"]) -> Tensor:
    b, h, t, d = x.shape
    return x.reshape(b, t, h * d)  # warning: [view-moves-dims]


def nhwc(x: Float[Tensor, "N H W C"]) -> Tensor:
    n, h, w, c = x.shape
    y = x.reshape(n, c, h, w)  # warning: [view-moves-dims]
    return F.max_pool2d(y, 2)


def nhwc_right(x: Float[Tensor, "N H W C"]) -> Float[Tensor, "N C H W"]:
    y = x.permute(0, 3, 1, 2)  # dims: N C H W
    return y


def neighbours(x: Float[Tensor, "B T C"]) -> Tensor:
    b, t, c = x.shape
    y = x.reshape(b * t, c).reshape(b, t * c).reshape(-1, c)
    return y.view(b, t, c)
