import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def window_partition_tokens(tokens: Float[Tensor, "B H W C"], num_windows: int) -> Float[Tensor, "BW L C"]:
    batch_size, num_h_patches, num_w_patches, channels = tokens.shape
    num_h_patches_per_window = num_h_patches // num_windows
    num_w_patches_per_window = num_w_patches // num_windows
    windowed = tokens.reshape(
        batch_size,
        num_windows,
        num_h_patches_per_window,
        num_windows,
        num_h_patches_per_window,
        channels,
    )
    windowed = windowed.permute(0, 1, 3, 2, 4, 5)
    return windowed.reshape(batch_size * num_windows**2, -1, channels)


def main() -> Tensor:
    torch.manual_seed(0)
    return window_partition_tokens(torch.randn(2, 8, 12, 6), 4)


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
