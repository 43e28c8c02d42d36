"""DenseNet: every layer reads the maps of all layers before it, in plain positions.

Source: Huang et al., "Densely Connected Convolutional Networks" (2016, arXiv:1608.06993), in the form of torchvision.
"""

from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from namedtorch import Float, checked


class DenseLayer(nn.Module):
    """Makes `growth` new maps of all those before."""

    def __init__(self, inputs: int, growth: int, bottleneck: int, drop_rate: float) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(inputs)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(inputs, bottleneck * growth, kernel_size=1, bias=False)
        self.norm2 = nn.BatchNorm2d(bottleneck * growth)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(bottleneck * growth, growth, kernel_size=3, padding=1, bias=False)
        self.drop_rate = float(drop_rate)

    def bottleneck(self, maps: list[Float[Tensor, "N _ H W"]]) -> Float[Tensor, "N _ H W"]:
        """All maps in few."""
        joined = torch.cat(maps, 1)
        return self.conv1(self.relu1(self.norm1(joined)))

    def forward(self, maps: list[Float[Tensor, "N _ H W"]]) -> Float[Tensor, "N _ H W"]:
        new = self.conv2(self.relu2(self.norm2(self.bottleneck(maps))))
        if self.drop_rate > 0:
            new = F.dropout(new, p=self.drop_rate, training=self.training)
        return new


class DenseBlock(nn.ModuleDict):
    """Layers that each hand their maps to all that follow."""

    def __init__(self, layers: int, inputs: int, growth: int, bottleneck: int, drop_rate: float) -> None:
        super().__init__()
        for i in range(layers):
            layer = DenseLayer(inputs + i * growth, growth, bottleneck, drop_rate)
            self.add_module(f"denselayer{i + 1}", layer)

    def forward(self, first: Float[Tensor, "N _ H W"]) -> Float[Tensor, "N _ H W"]:
        maps = [first]
        for layer in self.values():
            maps.append(layer(maps))
        return torch.cat(maps, 1)


class Transition(nn.Sequential):
    """Halves the image, and the number of maps."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(inputs)
        self.relu = nn.ReLU(inplace=True)
        self.conv = nn.Conv2d(inputs, outputs, kernel_size=1, stride=1, bias=False)
        self.pool = nn.AvgPool2d(kernel_size=2, stride=2)


@checked
class DenseNet(nn.Module):
    """Scores every class for colour images."""

    def __init__(
        self,
        growth: int = 32,
        blocks: tuple[int, ...] = (6, 12, 24, 16),
        stem: int = 64,
        bottleneck: int = 4,
        drop_rate: float = 0.0,
        classes: int = 1000,
    ) -> None:
        super().__init__()
        self.classes = classes
        self.features = nn.Sequential(
            OrderedDict(
                [
                    ("conv0", nn.Conv2d(3, stem, kernel_size=7, stride=2, padding=3, bias=False)),
                    ("norm0", nn.BatchNorm2d(stem)),
                    ("relu0", nn.ReLU(inplace=True)),
                    ("pool0", nn.MaxPool2d(kernel_size=3, stride=2, padding=1)),
                ]
            )
        )
        channels = stem
        for i, layers in enumerate(blocks):
            block = DenseBlock(layers, channels, growth, bottleneck, drop_rate)
            self.features.add_module(f"denseblock{i + 1}", block)
            channels = channels + layers * growth
            if i != len(blocks) - 1:
                self.features.add_module(f"transition{i + 1}", Transition(channels, channels // 2))
                channels = channels // 2
        self.features.add_module("norm5", nn.BatchNorm2d(channels))
        self.classifier = nn.Linear(channels, classes)

    def forward(
        self, x: Float[Tensor, "N C=3 H W where H >= 16, W >= 16"]
    ) -> Float[Tensor, "N classes=self.classes"]:
        features = self.features(x)
        out = F.relu(features, inplace=True)
        out = F.adaptive_avg_pool2d(out, (1, 1))
        out = torch.flatten(out, 1)
        return self.classifier(out)


def make() -> nn.Module:
    torch.manual_seed(0)
    return DenseNet(growth=8, blocks=(2, 3, 2), stem=16, drop_rate=0.1, classes=10)


SIZES = ({"N": 2, "H": 32, "W": 24}, {"N": 1, "H": 33, "W": 47})


def example(N: int, H: int, W: int) -> tuple[Tensor, ...]:
    return (torch.rand(N, 3, H, W),)


def wrong() -> tuple[Tensor, ...]:
    return (torch.rand(2, 32, 24, 3),)


REFUSED = "`C` is 3"
