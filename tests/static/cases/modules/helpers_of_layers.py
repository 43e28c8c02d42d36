"""Functions that make layers, and layers as arguments."""

import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


def conv_block(inside: int, outside: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(outside),
        nn.ReLU(inplace=True),
    )


def make_layers(widths: list[int]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for inside, outside in zip(widths[:-1], widths[1:]):
        layers.append(conv_block(inside, outside))
    return nn.Sequential(*layers)


class Net(nn.Module):
    def __init__(self, act: type[nn.Module] = nn.ReLU) -> None:
        super().__init__()
        self.stem = conv_block(3, 8, stride=2)
        self.body = make_layers([8, 16, 32])
        self.act = act()
        self.bad = make_layers([16, 32])

    def forward(self, x: Float[Tensor, "N 3 64 64"]) -> Float[Tensor, "N 32 32 32"]:
        y = self.stem(x)  # dims: N 8 32 32
        z = self.body(y)  # dims: N 32 32 32
        return self.act(z)

    def wrong(self, x: Float[Tensor, "N 3 64 64"]) -> Tensor:
        y = self.stem(x)  # dims: N 8 32 32
        return self.bad(y)  # error: [channels-differ]


class Wrapper(nn.Module):
    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return x + self.inner(x)
