import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class DownBlock(nn.Module):
    def __init__(self, in_planes: int, planes: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_planes, planes, kernel_size=4, stride=2, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(planes)
        self.act = nn.LeakyReLU(0.2, inplace=True)

    def forward(self, x: Float[Tensor, "N in_planes H W"]) -> Float[Tensor, "N planes H//2 W//2"]:
        return self.act(self.bn(self.conv(x)))


class Encoder(nn.Module):
    def __init__(self, channels: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        blocks = []
        prev = channels
        for width in widths:
            blocks.append(DownBlock(prev, width))
            prev = width
        self.blocks = nn.Sequential(*blocks)

    def forward(self, x: Float[Tensor, "N channels H W"]) -> Float[Tensor, "N last H2 W2"]:
        return self.blocks(x)


def main() -> Tensor:
    torch.manual_seed(0)
    return Encoder(3, (16, 32, 64))(torch.randn(2, 3, 32, 32))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
