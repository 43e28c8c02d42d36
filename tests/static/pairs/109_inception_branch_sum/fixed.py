import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Inception(nn.Module):
    def __init__(self, in_ch: int, ch1: int, ch3r: int, ch3: int, ch5r: int, ch5: int, pool: int) -> None:
        super().__init__()
        self.b1 = nn.Conv2d(in_ch, ch1, 1)
        self.b2 = nn.Sequential(nn.Conv2d(in_ch, ch3r, 1), nn.ReLU(), nn.Conv2d(ch3r, ch3, 3, padding=1))
        self.b3 = nn.Sequential(nn.Conv2d(in_ch, ch5r, 1), nn.ReLU(), nn.Conv2d(ch5r, ch5, 5, padding=2))
        self.b4 = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), nn.Conv2d(in_ch, pool, 1))

    def forward(self, x: Float[Tensor, "N in_ch H W"]) -> Float[Tensor, "N out H W"]:
        branches = [self.b1(x), self.b2(x), self.b3(x), self.b4(x)]
        return torch.cat(branches, 1)


class InceptionStage(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inc = Inception(192, 64, 96, 128, 16, 32, 32)
        self.reduce = nn.Conv2d(64 + 128 + 32 + 32, 128, kernel_size=1)

    def forward(self, x: Float[Tensor, "N 192 H W"]) -> Float[Tensor, "N 128 H W"]:
        return F.relu(self.reduce(self.inc(x)))


def main() -> Tensor:
    torch.manual_seed(0)
    return InceptionStage()(torch.randn(1, 192, 14, 14))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
