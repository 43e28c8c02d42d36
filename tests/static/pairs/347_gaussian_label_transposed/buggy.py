import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def gauss_1d(size: int, center: Float[Tensor, "N"], sigma: float) -> Float[Tensor, "N size"]:
    k = torch.arange(-(size - 1) / 2, (size + 1) / 2).reshape(1, -1)
    return torch.exp(-1.0 / (2 * sigma**2) * (k - center.reshape(-1, 1)) ** 2)


def gauss_2d(sz: tuple[int, int], center: Float[Tensor, "N 2"], sigma: float) -> Float[Tensor, "N {sz[0]} {sz[1]}"]:
    rows = gauss_1d(sz[0], center[:, 0], sigma)
    cols = gauss_1d(sz[1], center[:, 1], sigma)
    return rows.reshape(center.shape[0], 1, -1) * cols.reshape(center.shape[0], -1, 1)


def main() -> Tensor:
    torch.manual_seed(0)
    return gauss_2d((10, 14), torch.rand(3, 2) * 5, 1.5)


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
