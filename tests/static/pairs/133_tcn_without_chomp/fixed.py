import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Chomp1d(nn.Module):
    def __init__(self, chomp_size: int) -> None:
        super().__init__()
        self.chomp_size = chomp_size

    def forward(self, x: Float[Tensor, "B C L"]) -> Float[Tensor, "B C L-{self.chomp_size}"]:
        return x[:, :, : -self.chomp_size].contiguous()


class TemporalBlock(nn.Module):
    def __init__(self, channels: int, kernel_size: int, dilation: int) -> None:
        super().__init__()
        padding = (kernel_size - 1) * dilation
        self.conv = nn.Conv1d(channels, channels, kernel_size, padding=padding, dilation=dilation)
        self.chomp = Chomp1d(padding)
        self.relu = nn.ReLU()

    def forward(self, x: Float[Tensor, "B channels L"]) -> Float[Tensor, "B channels L"]:
        out = self.relu(self.chomp(self.conv(x)))
        return self.relu(out + x)


def main() -> Tensor:
    torch.manual_seed(0)
    return TemporalBlock(16, 3, 4)(torch.randn(2, 16, 50))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
