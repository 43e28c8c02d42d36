import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class ASPPPooling(nn.Sequential):
    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(in_channels, out_channels, 1, bias=False),
            nn.ReLU(),
        )

    def forward(self, x: Float[Tensor, "N in_channels H W"]) -> Float[Tensor, "N out_channels H W"]:
        size = x.shape[-2:]
        for mod in self:
            x = mod(x)
        return F.interpolate(x, size=size, mode="bilinear", align_corners=False)


class ASPP(nn.Module):
    def __init__(self, in_channels: int, atrous_rates: list[int], out_channels: int = 256) -> None:
        super().__init__()
        modules: list[nn.Module] = []
        modules.append(nn.Conv2d(in_channels, out_channels, 1, bias=False))
        for rate in atrous_rates:
            modules.append(nn.Conv2d(in_channels, out_channels, 3, padding=rate, dilation=rate, bias=False))
        modules.append(ASPPPooling(in_channels, out_channels))
        self.convs = nn.ModuleList(modules)
        self.project = nn.Sequential(
            nn.Conv2d(len(self.convs) * out_channels, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
        )

    def forward(self, x: Float[Tensor, "N in_channels H W"]) -> Float[Tensor, "N out_channels H W"]:
        res = []
        for conv in self.convs:
            res.append(conv(x))
        return self.project(torch.cat(res, dim=1))


def main() -> Tensor:
    torch.manual_seed(0)
    return ASPP(64, [6, 12, 18])(torch.randn(2, 64, 33, 33))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
