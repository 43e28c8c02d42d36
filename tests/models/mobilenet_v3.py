"""MobileNetV3, large and small, with squeeze-and-excitation and hard swish, in plain positions.

Source: Howard et al., "Searching for MobileNetV3" (2019, arXiv:1905.02244), tables 1 and 2.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from namedtorch import Float, checked


def divisible(value: float, divisor: int = 8) -> int:
    """The nearest multiple of `divisor`, which is not more than a tenth below the value."""
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


@dataclass(frozen=True)
class Row:
    """One row of a table: a bottleneck."""

    kernel: int
    expanded: int
    outputs: int
    excited: bool
    hard_swish: bool
    stride: int

    def scaled(self, width: float) -> "Row":
        """The row of a network that is wider or narrower."""
        expanded, outputs = divisible(self.expanded * width), divisible(self.outputs * width)
        return Row(self.kernel, expanded, outputs, self.excited, self.hard_swish, self.stride)


LARGE = (
    Row(3, 16, 16, False, False, 1),
    Row(3, 64, 24, False, False, 2),
    Row(3, 72, 24, False, False, 1),
    Row(5, 72, 40, True, False, 2),
    Row(5, 120, 40, True, False, 1),
    Row(5, 120, 40, True, False, 1),
    Row(3, 240, 80, False, True, 2),
    Row(3, 200, 80, False, True, 1),
    Row(3, 184, 80, False, True, 1),
    Row(3, 184, 80, False, True, 1),
    Row(3, 480, 112, True, True, 1),
    Row(3, 672, 112, True, True, 1),
    Row(5, 672, 160, True, True, 2),
    Row(5, 960, 160, True, True, 1),
    Row(5, 960, 160, True, True, 1),
)

SMALL = (
    Row(3, 16, 16, True, False, 2),
    Row(3, 72, 24, False, False, 2),
    Row(3, 88, 24, False, False, 1),
    Row(5, 96, 40, True, True, 2),
    Row(5, 240, 40, True, True, 1),
    Row(5, 240, 40, True, True, 1),
    Row(5, 120, 48, True, True, 1),
    Row(5, 144, 48, True, True, 1),
    Row(5, 288, 96, True, True, 2),
    Row(5, 576, 96, True, True, 1),
    Row(5, 576, 96, True, True, 1),
)


class SqueezeExcitation(nn.Module):
    """Weighs every channel by what the whole image holds."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.channels = channels
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.fc2 = nn.Conv2d(squeezed, channels, 1)

    def scale(self, x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C 1 1"]:
        """The weight of each channel."""
        pooled = F.adaptive_avg_pool2d(x, 1)
        return F.hardsigmoid(self.fc2(F.relu(self.fc1(pooled))))

    def forward(self, x: Float[Tensor, "N C=self.channels H W"]) -> Float[Tensor, "N C H W"]:
        return self.scale(x) * x


class Bottleneck(nn.Module):
    """Widens, filters each channel, weighs channels, narrows; adds its input where nothing changes in size."""

    def __init__(self, inputs: int, row: Row, norm: Callable[[int], nn.Module]) -> None:
        super().__init__()
        self.outputs = row.outputs
        self.stride = row.stride
        self.residual = row.stride == 1 and inputs == row.outputs
        activation = nn.Hardswish if row.hard_swish else nn.ReLU
        layers: list[nn.Module] = []
        if row.expanded != inputs:
            layers += [nn.Conv2d(inputs, row.expanded, 1, bias=False), norm(row.expanded), activation()]
        filters = nn.Conv2d(
            row.expanded,
            row.expanded,
            row.kernel,
            row.stride,
            row.kernel // 2,
            groups=row.expanded,
            bias=False,
        )
        layers += [filters, norm(row.expanded), activation()]
        if row.excited:
            layers.append(SqueezeExcitation(row.expanded, divisible(row.expanded // 4)))
        layers += [nn.Conv2d(row.expanded, row.outputs, 1, bias=False), norm(row.outputs)]
        self.block = nn.Sequential(*layers)

    def forward(
        self, x: Float[Tensor, "N C H W"]
    ) -> Float[Tensor, "N self.outputs (H-1)//self.stride+1 (W-1)//self.stride+1"]:
        result = self.block(x)
        if self.residual:
            result += x
        return result


@checked
class MobileNetV3(nn.Module):
    """Scores every class for colour images."""

    def __init__(self, rows: tuple[Row, ...], hidden: int, classes: int = 1000, dropout: float = 0.2) -> None:
        super().__init__()
        self.classes = classes
        norm = partial(nn.BatchNorm2d, eps=0.001, momentum=0.01)
        first = rows[0].outputs
        layers: list[nn.Module] = [
            nn.Conv2d(3, first, 3, stride=2, padding=1, bias=False),
            norm(first),
            nn.Hardswish(),
        ]
        inputs = first
        for row in rows:
            layers.append(Bottleneck(inputs, row, norm))
            inputs = row.outputs
        last = 6 * inputs
        layers += [nn.Conv2d(inputs, last, 1, bias=False), norm(last), nn.Hardswish()]
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Linear(last, hidden),
            nn.Hardswish(inplace=True),
            nn.Dropout(p=dropout, inplace=True),
            nn.Linear(hidden, classes),
        )

    def forward(
        self, image: Float[Tensor, "N C=3 H W where H >= 32, W >= 32"]
    ) -> Float[Tensor, "N classes=self.classes"]:
        x = self.avgpool(self.features(image))
        return self.classifier(torch.flatten(x, 1))


def make() -> nn.Module:
    torch.manual_seed(0)
    return MobileNetV3(tuple(row.scaled(0.25) for row in SMALL), hidden=64, classes=10)


SIZES = ({"N": 2, "H": 32, "W": 48}, {"N": 1, "H": 65, "W": 33})


def example(N: int, H: int, W: int) -> tuple[Tensor, ...]:
    return (torch.rand(N, 3, H, W),)


def wrong() -> tuple[Tensor, ...]:
    return (torch.rand(2, 32, 48, 3),)


REFUSED = "`C` is 3"
