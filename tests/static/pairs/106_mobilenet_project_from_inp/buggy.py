import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def conv_bn(inp: int, oup: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inp, oup, kernel, stride, (kernel - 1) // 2, groups=groups, bias=False),
        nn.BatchNorm2d(oup),
        nn.ReLU6(inplace=True),
    )


class InvertedResidual(nn.Module):
    def __init__(self, inp: int, oup: int, stride: int, expand_ratio: int) -> None:
        super().__init__()
        hidden = int(inp * expand_ratio)
        self.use_res = stride == 1 and inp == oup
        self.expand = conv_bn(inp, hidden, 1)
        self.depthwise = conv_bn(hidden, hidden, 3, stride, groups=hidden)
        self.project = nn.Conv2d(inp, oup, 1, bias=False)
        self.bn = nn.BatchNorm2d(oup)

    def forward(self, x: Float[Tensor, "N inp H W"]) -> Float[Tensor, "N oup ..."]:
        out = self.bn(self.project(self.depthwise(self.expand(x))))
        if self.use_res:
            return x + out
        return out


def main() -> Tensor:
    torch.manual_seed(0)
    return InvertedResidual(16, 24, 1, 6)(torch.randn(2, 16, 14, 14))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
