"""VGG with batch norm, in plain positions.

Source: Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition" (2014,
arXiv:1409.1556).
"""

from typing import Final

import torch
from torch import Tensor, nn

from namedtorch import Float, checked

CONFIGURATIONS: dict[str, tuple[int | str, ...]] = {
    "A": (64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"),
    "D": (64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"),
    "tiny": (8, "M", 16, "M", 32, 32, "M", 64, "M", 64, "M"),
}


def layers_of(configuration: tuple[int | str, ...], batch_norm: bool) -> tuple[nn.Sequential, int]:
    """The convolutions and pools of a configuration, and the channels behind them."""
    layers: list[nn.Module] = []
    channels = 3
    for one in configuration:
        if isinstance(one, str):
            layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
            continue
        layers.append(nn.Conv2d(channels, one, kernel_size=3, padding=1))
        if batch_norm:
            layers.append(nn.BatchNorm2d(one))
        layers.append(nn.ReLU(inplace=True))
        channels = one
    return nn.Sequential(*layers), channels


@checked
class VGG(nn.Module):
    """Scores every class for colour images."""

    side: Final[int] = 7

    def __init__(
        self, configuration: str, classes: int = 1000, hidden: int = 4096, batch_norm: bool = True
    ) -> None:
        super().__init__()
        self.classes = classes
        self.features, channels = layers_of(CONFIGURATIONS[configuration], batch_norm)
        self.avgpool = nn.AdaptiveAvgPool2d((self.side, self.side))
        self.classifier = nn.Sequential(
            nn.Linear(channels * self.side**2, hidden),
            nn.ReLU(True),
            nn.Dropout(),
            nn.Linear(hidden, hidden),
            nn.ReLU(True),
            nn.Dropout(),
            nn.Linear(hidden, classes),
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(
        self, x: Float[Tensor, "N C=3 H W where H >= 32, W >= 32"]
    ) -> Float[Tensor, "N classes=self.classes"]:
        x = self.features(x)
        x = self.avgpool(x)
        x = x.view(x.size(0), -1)
        return self.classifier(x)


def make() -> nn.Module:
    torch.manual_seed(0)
    return VGG("tiny", classes=10, hidden=32)


SIZES = ({"N": 2, "H": 32, "W": 48}, {"N": 1, "H": 65, "W": 33})


def example(N: int, H: int, W: int) -> tuple[Tensor, ...]:
    return (torch.rand(N, 3, H, W),)


def wrong() -> tuple[Tensor, ...]:
    return (torch.rand(2, 32, 48, 3),)


REFUSED = "`C` is 3"
