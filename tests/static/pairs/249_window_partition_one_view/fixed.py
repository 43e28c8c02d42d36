import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def window_partition(x: Float[Tensor, "B H W C"], window_size: int) -> Float[Tensor, "windows {window_size} {window_size} C"]:
    B, H, W, C = x.shape
    x = x.view(B, H // window_size, window_size, W // window_size, window_size, C)
    windows = x.permute(0, 1, 3, 2, 4, 5).reshape(-1, window_size, window_size, C)
    return windows


def main() -> Tensor:
    torch.manual_seed(0)
    return window_partition(torch.randn(1, 8, 8, 3), 4)


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
