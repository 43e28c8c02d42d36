import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class DownResBlk1d(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(dim, dim, 3, 1, 1)
        self.pool = nn.Conv1d(dim, dim, kernel_size=3, stride=2, groups=dim, padding=1)
        self.conv2 = nn.Conv1d(dim, dim, 3, 1, 1)

    def _shortcut(self, x: Float[Tensor, "B dim T"]) -> Float[Tensor, "B dim T2"]:
        return F.avg_pool1d(x, 2)

    def _residual(self, x: Float[Tensor, "B dim T"]) -> Float[Tensor, "B dim T2"]:
        x = self.conv1(F.leaky_relu(x, 0.2))
        x = self.pool(x)
        return self.conv2(F.leaky_relu(x, 0.2))

    def forward(self, x: Float[Tensor, "B dim T"]) -> Float[Tensor, "B dim (T+1)//2"]:
        return (self._shortcut(x) + self._residual(x)) / 2**0.5


def main() -> Tensor:
    torch.manual_seed(0)
    return DownResBlk1d(8)(torch.randn(2, 8, 35))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
