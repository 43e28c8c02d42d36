"""U-Net, its skip connections joined by the name of the channels.

Source: Ronneberger et al., "U-Net: Convolutional Networks for Biomedical Image Segmentation" (2015,
arXiv:1505.04597); convolutions are padded, and batch norms added, as most implementations have it.
"""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import namedtorch
from namedtorch import Float, Int, NamedTensor, checked, named_module


class DoubleConv(nn.Module):
    """Two 3x3 convolutions with batch norm and ReLU."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        first = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        second = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.body = nn.Sequential(
            named_module(first, "N C H W -> N C H W"),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            named_module(second, "N C H W -> N C H W"),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: NamedTensor) -> NamedTensor:
        return self.body(x)


class Up(nn.Module):
    """Widens a map to the size of the one that came down, joins both, and filters them."""

    def __init__(self, inputs: int, outputs: int, bilinear: bool) -> None:
        super().__init__()
        self.bilinear = bilinear
        if bilinear:
            self.up = named_module(nn.Conv2d(inputs, outputs, 1), "N C H W -> N C H W")
        else:
            self.up = named_module(nn.ConvTranspose2d(inputs, outputs, 2, stride=2), "N C H W -> N C H W")
        self.conv = DoubleConv(2 * outputs, outputs)

    def forward(self, x: NamedTensor, skip: NamedTensor) -> NamedTensor:
        if self.bilinear:
            x = F.interpolate(self.up(x), scale_factor=2.0, mode="bilinear", align_corners=False)
        else:
            x = self.up(x)
        # An odd size lost its last row or column on the way down.
        missing_rows = skip.size("H") - x.size("H")
        missing_columns = skip.size("W") - x.size("W")
        if missing_rows > 0 or missing_columns > 0:
            x = F.pad(x, (0, missing_columns, 0, missing_rows))
        return self.conv(namedtorch.cat([skip, x], "C"))


class UNet(nn.Module):
    """Scores every class at every pixel of an image."""

    def __init__(
        self, channels: int, classes: int, width: int = 64, depth: int = 4, bilinear: bool = False
    ) -> None:
        super().__init__()
        self.channels = channels
        self.classes = classes
        self.stem = DoubleConv(channels, width)
        self.pool = nn.MaxPool2d(2)
        widths = [width * 2**level for level in range(depth + 1)]
        self.downs = nn.ModuleList(DoubleConv(few, many) for few, many in pairwise(widths))
        self.ups = nn.ModuleList(
            Up(many, few, bilinear) for few, many in zip(widths[-2::-1], widths[:0:-1], strict=True)
        )
        self.head = named_module(nn.Conv2d(width, classes, 1), "N C H W -> N classes H W")

    @checked
    def forward(
        self, images: Float[NamedTensor, "N C=self.channels H W"]
    ) -> Float[NamedTensor, "N classes=self.classes H W"]:
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
    @checked
    def segment(self, images: Float[NamedTensor, "N C=self.channels H W"]) -> Int[NamedTensor, "N H W"]:
        """The most likely class of every pixel."""
        return self.forward(images).argmax("classes")


def make() -> nn.Module:
    torch.manual_seed(0)
    return UNet(1, 3, width=8, depth=2)


SIZES = ({"N": 2, "H": 16, "W": 24}, {"N": 1, "H": 19, "W": 14})


def example(N: int, H: int, W: int) -> tuple[Tensor, ...]:
    return (torch.rand(N, 1, H, W),)


METHODS = {"segment": example}


def wrong() -> tuple[Tensor, ...]:
    return (torch.rand(2, 16, 24, 1),)


REFUSED = "`C` is 1"
