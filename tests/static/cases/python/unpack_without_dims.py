"""`N, C, H, W = x.shape` names the axes of a tensor of which nothing was known."""

from jaxtyping import Float
from torch import Tensor


def unfold(x):
    n, c, h, w = x.shape
    y = x.view(n, c, h * w)  # dims: n c h*w
    z = y.transpose(1, 2)  # dims: n h*w c
    s = z @ y  # dims: n h*w h*w
    return s.softmax(-1) @ z


def heads(x, weight: Float[Tensor, "D D"]):
    b, t, c = x.size()
    y = x @ weight  # dims: b t D
    return y.view(b, t, 4, -1)


def unfit(x: Tensor):
    b, t, c = x.shape
    n, m = x.shape  # error: [unpack-differs]
    return x.view(n, m)
