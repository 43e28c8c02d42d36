"""A small U-net: maps of two levels joined along their channels."""

import namedtorch
import torch.nn.functional as F
from namedtorch import Float, NamedTensor, checked, named_module
from torch import nn


class Level(nn.Module):
    def __init__(self, taken: int, made: int) -> None:
        super().__init__()
        self.conv = named_module(nn.Conv2d(taken, made, 3, padding=1), "N C H W -> N K H W")

    @checked
    def forward(self, x: Float[NamedTensor, "N C H W"]) -> Float[NamedTensor, "N K H W"]:
        return self.conv(x).relu()


class UNet(nn.Module):
    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.down = Level(channels, 8)
        self.deep = Level(8, 8)
        self.up = Level(16, classes)

    @checked
    def forward(self, images: Float[NamedTensor, "N C H W"]) -> Float[NamedTensor, "N K H W"]:
        # mistake [names-differ]: x = self.down(images)
        x = self.down(images).rename(K="C")
        deep = F.max_pool2d(x, 2)
        # mistake [names-differ]: deep = F.interpolate(self.deep(deep.rename(C="K")), scale_factor=2)
        deep = F.interpolate(self.deep(deep), scale_factor=2).rename(K="C")
        # mistake [dim-missing]: joined = namedtorch.cat([x, deep], "channels")
        joined = namedtorch.cat([x, deep], "C")
        # mistake [names-differ]: return self.up(joined.rename(C="K"))
        return self.up(joined)

    @checked
    def classes(self, images: Float[NamedTensor, "N C H W"]) -> NamedTensor:
        # mistake [dim-missing]: return self(images).argmax("C")
        return self(images).argmax("K")


def main() -> None:
    images = namedtorch.rand(N=2, C=3, H=8, W=8)
    assert UNet(3, 5)(images).dims == ("N", "K", "H", "W")
    assert UNet(3, 5).classes(images).dims == ("N", "H", "W")
