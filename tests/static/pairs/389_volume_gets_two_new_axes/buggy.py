import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class UNet3D(nn.Module):
    def __init__(self, in_channels: int, num_classes: int, level: int = 8) -> None:
        super().__init__()
        self.a_block1 = nn.Sequential(nn.Conv3d(in_channels, level, 3, padding=1), nn.BatchNorm3d(level), nn.ReLU())
        self.pool = nn.MaxPool3d(kernel_size=2, stride=2)
        self.bottleneck = nn.Conv3d(level, level * 2, 3, padding=1)
        self.upconv = nn.ConvTranspose3d(level * 2, level, kernel_size=2, stride=2)
        self.head = nn.Conv3d(level * 2, num_classes, kernel_size=1)

    def forward(self, image: Float[Tensor, "N in_channels D H W"]) -> Float[Tensor, "N num_classes D H W"]:
        out, residual = self.encode(image.unsqueeze(1))
        out = self.upconv(self.bottleneck(out))
        return self.head(torch.cat((out, residual), 1))

    def encode(self, image: Tensor) -> tuple[Tensor, Tensor]:
        res = self.a_block1(image)
        return self.pool(res), res


def main() -> Tensor:
    torch.manual_seed(0)
    return UNet3D(1, 3)(torch.randn(1, 1, 8, 12, 16))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
