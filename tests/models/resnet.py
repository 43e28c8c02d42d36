"""ResNet with basic and bottleneck blocks and squeeze-and-excitation, its body written with names.

Source: He et al., "Deep Residual Learning for Image Recognition" (2015, arXiv:1512.03385), and Hu et al.,
"Squeeze-and-Excitation Networks" (2017, arXiv:1709.01507).
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from namedtorch import Float, NamedTensor, checked, named, named_module

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def conv(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    """A convolution that keeps the image's size at stride 1, without a bias: a norm follows."""
    layer = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return named_module(layer, "N C H W -> N C H W")


@checked
def normalize(
    x: Float[NamedTensor, "... C ..."], mean: Float[NamedTensor, "C"], std: Float[NamedTensor, "C"]
) -> Float[NamedTensor, "... C ..."]:
    """Moves every channel to the mean and spread that the weights were trained for, in any layout."""
    return (x - mean.align_as(x)) / std.align_as(x)


class SqueezeExcite(nn.Module):
    """Weighs every channel by what the whole image holds."""

    def __init__(self, channels: int, reduction: int = 4) -> None:
        super().__init__()
        squeezed = max(channels // reduction, 4)
        self.down = named_module(nn.Linear(channels, squeezed), "C -> S")
        self.up = named_module(nn.Linear(squeezed, channels), "S -> C")

    @checked
    def forward(self, x: Float[NamedTensor, "N C H W"]) -> Float[NamedTensor, "N C H W"]:
        weights = self.up(self.down(x.mean(("H", "W"))).relu()).sigmoid()
        return x * weights.align_as(x)


class BasicBlock(nn.Module):
    """Two 3x3 convolutions around a shortcut."""

    expansion = 1

    def __init__(self, inputs: int, width: int, stride: int = 1, shortcut: nn.Module | None = None) -> None:
        super().__init__()
        self.conv1 = conv(inputs, width, 3, stride)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = conv(width, width, 3)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.shortcut = shortcut

    def forward(self, x: NamedTensor) -> NamedTensor:
        identity = x
        if self.shortcut is not None:
            identity = self.shortcut(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return self.relu(out + identity)


class Bottleneck(nn.Module):
    """A 3x3 convolution between two 1x1 ones, squeeze-and-excitation, and a shortcut."""

    expansion = 4

    def __init__(self, inputs: int, width: int, stride: int = 1, shortcut: nn.Module | None = None) -> None:
        super().__init__()
        outputs = width * self.expansion
        self.conv1 = conv(inputs, width, 1)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = conv(width, width, 3, stride)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = conv(width, outputs, 1)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.excite = SqueezeExcite(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.shortcut = shortcut

    def forward(self, x: NamedTensor) -> NamedTensor:
        identity = x if self.shortcut is None else self.shortcut(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.excite(self.bn3(self.conv3(out)))
        return self.relu(out + identity)


class ResNet(nn.Module):
    """Scores every class for colour images of any size, given as numbers from 0 to 1."""

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        block: type[BasicBlock] | type[Bottleneck],
        layers: Sequence[int],
        width: int = 64,
        classes: int = 1000,
    ) -> None:
        super().__init__()
        self.classes = classes
        self.inputs = width
        self.register_buffer("mean", torch.tensor(MEAN))
        self.register_buffer("std", torch.tensor(STD))
        self.conv1 = conv(3, width, 7, stride=2)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        stages = [
            self._stage(block, width * 2**i, repeats, stride=1 if i == 0 else 2)
            for i, repeats in enumerate(layers)
        ]
        self.stages = nn.Sequential(*stages)
        self.fc = named_module(nn.Linear(self.inputs, classes), "C -> classes")
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def _stage(
        self, block: type[BasicBlock] | type[Bottleneck], width: int, repeats: int, stride: int
    ) -> nn.Sequential:
        outputs = width * block.expansion
        shortcut = None
        if stride != 1 or self.inputs != outputs:
            shortcut = nn.Sequential(conv(self.inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))
        blocks: list[nn.Module] = [block(self.inputs, width, stride, shortcut)]
        self.inputs = outputs
        blocks += [block(outputs, width) for _ in range(repeats - 1)]
        return nn.Sequential(*blocks)

    @checked
    def forward(
        self, images: Float[NamedTensor, "N C=3 H W"]
    ) -> Float[NamedTensor, "N classes=self.classes"]:
        x = normalize(images, named(self.mean, "C"), named(self.std, "C"))
        x = self.pool(self.relu(self.bn1(self.conv1(x))))
        x = self.stages(x)
        return self.fc(x.mean(("H", "W")))


class Pair(nn.Module):
    """The scores of two networks of other blocks, averaged."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.classes = classes
        self.basic = ResNet(BasicBlock, (2, 1), width=8, classes=classes)
        self.bottleneck = ResNet(Bottleneck, (1, 1, 1), width=8, classes=classes)

    @checked
    def forward(
        self, images: Float[NamedTensor, "N C=3 H W"]
    ) -> Float[NamedTensor, "N classes=self.classes"]:
        return (self.basic(images) + self.bottleneck(images)) / 2


def make() -> nn.Module:
    torch.manual_seed(0)
    return Pair(classes=10)


SIZES = ({"N": 2, "H": 32, "W": 40}, {"N": 1, "H": 33, "W": 27})


def example(N: int, H: int, W: int) -> tuple[Tensor, ...]:
    return (torch.rand(N, 3, H, W),)


def wrong() -> tuple[Tensor, ...]:
    return (torch.rand(2, 32, 40, 3),)


REFUSED = "`C` is 3"
