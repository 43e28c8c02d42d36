import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class DecoderBlock(nn.Module):
    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(in_channels, out_channels, kernel_size=2, stride=2)
        self.conv = nn.Sequential(
            nn.Conv2d(out_channels * 2, out_channels, kernel_size=3, padding=1),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )

    def forward(
        self, x: Float[Tensor, "N in_channels H W"], skip: Float[Tensor, "N out_channels 2*H 2*W"]
    ) -> Float[Tensor, "N out_channels 2*H 2*W"]:
        x = self.up(x)
        x = torch.cat((skip, x), dim=1)
        return self.conv(x)


def main() -> Tensor:
    torch.manual_seed(0)
    return DecoderBlock(64, 32)(torch.randn(1, 64, 8, 8), torch.randn(1, 32, 16, 16))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
