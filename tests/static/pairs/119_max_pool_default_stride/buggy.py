import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class SmoothResidual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(channels, channels, 3, padding=1)

    def forward(self, x: Float[Tensor, "B channels T"]) -> Float[Tensor, "B channels T"]:
        pooled = F.max_pool1d(x, kernel_size=3, padding=1)
        return pooled + F.relu(self.conv(x))


def main() -> Tensor:
    torch.manual_seed(0)
    return SmoothResidual(12)(torch.randn(2, 12, 30))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
