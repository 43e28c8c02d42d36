"""A residual block of convolutions that keep their dims, and one that makes the image smaller."""

import namedtorch
from namedtorch import Float, NamedTensor, checked, named_module
from torch import nn


class Block(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = named_module(nn.Conv2d(channels, channels, 3, padding=1), "N C H W -> N C H W")
        self.norm = nn.BatchNorm2d(channels)
        self.second = named_module(nn.Conv2d(channels, channels, 3, padding=1), "N C H W -> N C H W")

    @checked
    def forward(self, x: Float[NamedTensor, "N C H W"]) -> Float[NamedTensor, "N C H W"]:
        y = self.norm(self.first(x)).relu()
        # mistake [names-differ]: y = self.second(y.align_to("N", "H", "W", "C"))
        y = self.second(y)
        # mistake [broadcast-dims-differ]: return (x + y.transpose("H", "W")).relu()
        return (x + y).relu()


class Net(nn.Module):
    def __init__(self, classes: int) -> None:
        super().__init__()
        self.stem = named_module(nn.Conv2d(3, 8, 3, stride=2, padding=1), "N C H W -> N K _ _")
        self.blocks = nn.Sequential(Block(8), Block(8))
        self.head = named_module(nn.Linear(8, classes), "C -> classes")

    @checked
    def forward(self, images: Float[NamedTensor, "N C=3 H W"]) -> Float[NamedTensor, "N classes"]:
        # mistake [names-differ]: x = self.stem(images).refine_names("N", "C", "H", "W")
        x = self.stem(images).refine_names("N", "K", "H", "W").rename(K="C")
        x = self.blocks(x)
        # mistake [dim-missing]: return self.head(x.mean(("H", "w")))
        return self.head(x.mean(("H", "W")))


def main() -> None:
    images = namedtorch.rand(N=2, C=3, H=16, W=16)
    assert Net(10)(images).dims == ("N", "classes")
