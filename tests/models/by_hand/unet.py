"""The U-Net of `tests/models/unet.py` in plain positions, as written by hand."""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class DoubleConv(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x)


class Up(nn.Module):
    def __init__(self, inputs: int, outputs: int, bilinear: bool) -> None:
        super().__init__()
        self.bilinear = bilinear
        if bilinear:
            self.up = nn.Conv2d(inputs, outputs, 1)
        else:
            self.up = nn.ConvTranspose2d(inputs, outputs, 2, stride=2)
        self.conv = DoubleConv(2 * outputs, outputs)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        if self.bilinear:
            x = F.interpolate(self.up(x), scale_factor=2.0, mode="bilinear", align_corners=False)
        else:
            x = self.up(x)
        rows, columns = skip.size(2) - x.size(2), skip.size(3) - x.size(3)
        if rows > 0 or columns > 0:
            x = F.pad(x, (0, columns, 0, rows))
        return self.conv(torch.cat([skip, x], dim=1))


class UNet(nn.Module):
    def __init__(
        self, channels: int, classes: int, width: int = 64, depth: int = 4, bilinear: bool = False
    ) -> None:
        super().__init__()
        self.stem = DoubleConv(channels, width)
        self.pool = nn.MaxPool2d(2)
        widths = [width * 2**level for level in range(depth + 1)]
        self.downs = nn.ModuleList(DoubleConv(few, many) for few, many in pairwise(widths))
        self.ups = nn.ModuleList(
            Up(many, few, bilinear) for few, many in zip(widths[-2::-1], widths[:0:-1], strict=True)
        )
        self.head = nn.Conv2d(width, classes, 1)

    def forward(self, images: Tensor) -> Tensor:
        x = self.stem(images)
        skips = [x]
        for down in self.downs:
            x = down(self.pool(x))
            skips.append(x)
        skips.pop()
        for up in self.ups:
            x = up(x, skips.pop())
        return self.head(x)

    @torch.jit.export
    def segment(self, images: Tensor) -> Tensor:
        return self.forward(images).argmax(1)


def make() -> nn.Module:
    return UNet(1, 3, width=8, depth=2)
