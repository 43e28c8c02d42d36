"""Height and width, and other dims, in each other's place."""

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor


def resized(x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C H W"]:
    n, c, h, w = x.shape
    y = F.interpolate(F.max_pool2d(x, 2), size=(w, h))  # dims: N C W H
    return y  # error: [result-differs]


def unpacked(x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C H W"]:
    n, c, w, h = x.shape
    grid = torch.zeros(h, w)  # dims: W H
    return x + grid  # error: [broadcast-dims-differ]


def positions(height: Int[Tensor, "H"], width: Int[Tensor, "W"]) -> Float[Tensor, "H W"]:
    y, x = torch.meshgrid(height, width, indexing="ij")  # dims: H W  # dims: H W
    wrong, _ = torch.meshgrid(width, height, indexing="ij")  # dims: W H
    return x + wrong  # error: [broadcast-dims-differ]


def image(pixels: Float[Tensor, "C H W"]) -> Float[Tensor, "H W C"]:
    y = pixels.permute(1, 2, 0)  # dims: H W C
    wrong = pixels.permute(2, 1, 0)  # dims: W H C
    return y + wrong  # error: [broadcast-dims-differ]
