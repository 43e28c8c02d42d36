"""The ResNet of `tests/models/resnet.py` in plain positions, as written by hand."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def conv(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)


class SqueezeExcite(nn.Module):
    def __init__(self, channels: int, reduction: int = 4) -> None:
        super().__init__()
        squeezed = max(channels // reduction, 4)
        self.down = nn.Linear(channels, squeezed)
        self.up = nn.Linear(squeezed, channels)

    def forward(self, x: Tensor) -> Tensor:
        weights = self.up(self.down(x.mean((2, 3))).relu()).sigmoid()
        return x * weights[:, :, None, None]


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, inputs: int, width: int, stride: int = 1, shortcut: nn.Module | None = None) -> None:
        super().__init__()
        self.conv1 = conv(inputs, width, 3, stride)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = conv(width, width, 3)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        identity = x
        if self.shortcut is not None:
            identity = self.shortcut(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return self.relu(out + identity)


class Bottleneck(nn.Module):
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

    def forward(self, x: Tensor) -> Tensor:
        identity = x if self.shortcut is None else self.shortcut(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.excite(self.bn3(self.conv3(out)))
        return self.relu(out + identity)


class ResNet(nn.Module):
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
        self.fc = nn.Linear(self.inputs, classes)

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

    def forward(self, images: Tensor) -> Tensor:
        x = (images - self.mean[:, None, None]) / self.std[:, None, None]
        x = self.pool(self.relu(self.bn1(self.conv1(x))))
        x = self.stages(x)
        return self.fc(x.mean((2, 3)))


class Pair(nn.Module):
    def __init__(self, classes: int) -> None:
        super().__init__()
        self.basic = ResNet(BasicBlock, (2, 1), width=8, classes=classes)
        self.bottleneck = ResNet(Bottleneck, (1, 1, 1), width=8, classes=classes)

    def forward(self, images: Tensor) -> Tensor:
        return (self.basic(images) + self.bottleneck(images)) / 2


def make() -> nn.Module:
    return Pair(classes=10)
