"""Classes that only a stub tells of: their forward takes what their constructor was given."""

import fancy
import torch
from fancy.layers import Mixer, Scaled, Wide
from jaxtyping import Float
from torch import Tensor, nn


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.m = Mixer(64)
        self.w = Wide(dim=64, heads=4)
        self.out = nn.Linear(256, 10)

    def forward(self, x: Float[Tensor, "B T 64"]) -> Float[Tensor, "B T 10"]:
        y = self.m(x)  # dims: B T 64
        z = self.w(y)  # dims: B T 256
        return self.out(z)

    def heads(self, x: Float[Tensor, "B T 64"]):
        a = self.m.weights(x)  # dims: B 8 T T
        b = self.w.weights(x)  # dims: B 4 T T
        c = torch.zeros(self.w.heads)  # dims: 4
        d = self.m.table  # dims: 8 64
        e = self.w.flat  # dims: 256
        f = Mixer.mask(7)  # dims: 7 7
        return a, b, c, d, e, f

    def wrong(self, x: Float[Tensor, "B T 32"]) -> Float[Tensor, "B T 64"]:
        return self.m(x)  # error: [argument-differs]

    def not_widened(self, x: Float[Tensor, "B T 64"]) -> Float[Tensor, "B T 10"]:
        return self.out(self.m(x))  # error: [contracted-dims-differ]


class Generic(nn.Module):
    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.m = fancy.layers.Mixer(width)
        self.out = nn.Linear(hidden, width)

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B T D"]:
        return self.out(self.m(x))  # error: [contracted-dims-differ]


class Narrow(Mixer):
    def __init__(self) -> None:
        super().__init__(16, heads=2)

    def twice(self, x: Float[Tensor, "B T 16"]):
        y = self(x)  # dims: B T 16
        return self.weights(y)


def use(x: Float[Tensor, "B T 16"], y: Float[Tensor, "B T 8"]):
    made = Narrow()
    a = made(x)  # dims: B T 16
    made(y)  # error: [argument-differs]
    return a


def callables(x: Float[Tensor, "N T"]) -> Float[Tensor, "N 3*T"]:
    y = Scaled(2)(x)  # dims: N 2*T
    return y  # error: [result-differs]


class Unsure(nn.Module):
    def __init__(self, config) -> None:
        super().__init__()
        self.m = Mixer(config.width, heads=config.heads)

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B T D"]:
        y = self.m(x)  # dims: B T D
        return y
