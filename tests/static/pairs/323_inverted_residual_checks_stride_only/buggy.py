import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class InvertedResidual(nn.Module):
    def __init__(self, inp: int, oup: int, stride: int, expand_ratio: int) -> None:
        super().__init__()
        hidden_dim = inp * expand_ratio
        self.use_res_connect = stride == 1
        self.conv = nn.Sequential(
            nn.Conv2d(inp, hidden_dim, 1, 1, 0, bias=False),
            nn.BatchNorm2d(hidden_dim),
            nn.ReLU6(inplace=True),
            nn.Conv2d(hidden_dim, hidden_dim, 3, stride, 1, groups=hidden_dim, bias=False),
            nn.BatchNorm2d(hidden_dim),
            nn.ReLU6(inplace=True),
            nn.Conv2d(hidden_dim, oup, 1, 1, 0, bias=False),
            nn.BatchNorm2d(oup),
        )

    def forward(self, x: Float[Tensor, "N inp H W"]) -> Float[Tensor, "N oup H2 W2"]:
        if self.use_res_connect:
            return x + self.conv(x)
        return self.conv(x)


class MobileNet(nn.Module):
    def __init__(self, expand_ratio: int = 4) -> None:
        super().__init__()
        self.features = nn.Sequential(
            InvertedResidual(16, 24, 2, expand_ratio),
            InvertedResidual(24, 24, 1, expand_ratio),
            InvertedResidual(24, 32, 1, expand_ratio),
        )

    def forward(self, x: Float[Tensor, "N 16 H W"]) -> Float[Tensor, "N 32 H2 W2"]:
        return self.features(x)


def main() -> Tensor:
    torch.manual_seed(0)
    return MobileNet()(torch.randn(2, 16, 14, 14))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
