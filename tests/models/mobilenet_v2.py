"""MobileNetV2 of any width, in plain positions.

Source: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks" (2018, arXiv:1801.04381).
"""

import torch
from torch import Tensor, nn

from namedtorch import Float, checked

# Expansion, channels, repeats, stride of the first repeat.
SETTINGS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


def divisible(value: float, divisor: int = 8) -> int:
    """The nearest multiple of `divisor`, which is not more than a tenth below the value."""
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


class ConvNormActivation(nn.Sequential):
    """A convolution that keeps the size at stride 1, batch norm, ReLU6."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1, groups: int = 1) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, groups=groups, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU6(inplace=True),
        )


class InvertedResidual(nn.Module):
    """Widens, filters each channel, narrows; adds its input where nothing changes in size."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        if stride not in (1, 2):
            raise ValueError(f"the stride is {stride}, not 1 or 2")
        self.outputs = outputs
        self.stride = stride
        self.residual = stride == 1 and inputs == outputs
        hidden = inputs * expansion
        layers: list[nn.Module] = []
        if expansion != 1:
            layers.append(ConvNormActivation(inputs, hidden, kernel=1))
        layers += [
            ConvNormActivation(hidden, hidden, stride=stride, groups=hidden),
            nn.Conv2d(hidden, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        ]
        self.conv = nn.Sequential(*layers)

    def forward(
        self, x: Float[Tensor, "N C H W"]
    ) -> Float[Tensor, "N self.outputs (H-1)//self.stride+1 (W-1)//self.stride+1"]:
        if self.residual:
            return x + self.conv(x)
        return self.conv(x)


@checked
class MobileNetV2(nn.Module):
    """Scores every class for colour images."""

    def __init__(self, classes: int = 1000, width: float = 1.0, dropout: float = 0.2) -> None:
        super().__init__()
        self.classes = classes
        channels = divisible(32 * width)
        last = divisible(1280 * max(1.0, width))
        features: list[nn.Module] = [ConvNormActivation(3, channels, stride=2)]
        for expansion, base, repeats, stride in SETTINGS:
            outputs = divisible(base * width)
            for i in range(repeats):
                features.append(InvertedResidual(channels, outputs, stride if i == 0 else 1, expansion))
                channels = outputs
        features.append(ConvNormActivation(channels, last, kernel=1))
        self.features = nn.Sequential(*features)
        self.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(last, classes))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, 0.0, 0.01)
                nn.init.zeros_(module.bias)

    def forward(
        self, image: Float[Tensor, "N C=3 H W where H >= 32, W >= 32"]
    ) -> Float[Tensor, "N classes=self.classes"]:
        x = self.features(image)
        x = nn.functional.adaptive_avg_pool2d(x, (1, 1))
        x = torch.flatten(x, 1)
        return self.classifier(x)


def make() -> nn.Module:
    torch.manual_seed(0)
    return MobileNetV2(classes=10, width=0.25)


SIZES = ({"N": 2, "H": 32, "W": 48}, {"N": 1, "H": 65, "W": 33})


def example(N: int, H: int, W: int) -> tuple[Tensor, ...]:
    return (torch.rand(N, 3, H, W),)


def wrong() -> tuple[Tensor, ...]:
    return (torch.rand(2, 32, 48, 3),)


REFUSED = "`C` is 3"
