import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, inplanes: int, planes: int, stride: int = 1, downsample: nn.Module | None = None) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inplanes, planes, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.downsample = downsample

    def forward(self, x: Float[Tensor, "N inplanes h w"]) -> Float[Tensor, "N planes h2 w2"]:
        identity = x
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if self.downsample is not None:
            identity = self.downsample(x)
        return F.relu(out + identity)


class Stage(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        down = nn.Sequential(nn.Conv2d(64, 128, 1, stride=2, bias=False), nn.BatchNorm2d(128))
        self.layer = nn.Sequential(BasicBlock(64, 128, stride=2, downsample=down), BasicBlock(128, 128))

    def forward(self, x: Float[Tensor, "N 64 H W"]) -> Float[Tensor, "N 128 H2 W2"]:
        return self.layer(x)


def main() -> Tensor:
    torch.manual_seed(0)
    return Stage()(torch.randn(2, 64, 16, 16))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
