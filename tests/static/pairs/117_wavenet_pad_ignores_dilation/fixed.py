import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class CausalConv1d(nn.Module):
    def __init__(self, channels: int, kernel_size: int = 2, dilation: int = 1) -> None:
        super().__init__()
        self.left = (kernel_size - 1) * dilation
        self.conv = nn.Conv1d(channels, channels, kernel_size, dilation=dilation)

    def forward(self, x: Float[Tensor, "B channels T"]) -> Float[Tensor, "B channels T"]:
        x = F.pad(x, (self.left, 0))
        return self.conv(x)


class DilatedStack(nn.Module):
    def __init__(self, channels: int, kernel_size: int = 2) -> None:
        super().__init__()
        self.layers = nn.ModuleList([CausalConv1d(channels, kernel_size, 2**i) for i in range(4)])

    def forward(self, x: Float[Tensor, "B channels T"]) -> Float[Tensor, "B channels _"]:
        for layer in self.layers:
            x = torch.tanh(layer(x))
        return x


def main() -> Tensor:
    torch.manual_seed(0)
    return DilatedStack(8)(torch.randn(2, 8, 40))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
