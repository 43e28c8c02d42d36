"""One finding for each cause: what follows a wrong value is not blamed."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.norm = nn.BatchNorm2d(16)
        self.fc = nn.Linear(16, 10)
        self.same = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x: Float[Tensor, "N 3 H W"]) -> Float[Tensor, "N 10"]:
        y = self.norm(self.conv(x))  # error: [channels-differ]
        z = y.mean((2, 3)).relu()
        w = self.fc(z) + z
        return w

    def twice(self, x: Float[Tensor, "N 3 H W"]) -> Tensor:
        for _ in range(3):
            x = x + self.same(x.mean(1, keepdim=True))  # error: [channels-differ]
        return x


def chain(x: Float[Tensor, "N C"], y: Float[Tensor, "M D"]) -> Float[Tensor, "N D"]:
    z = x @ y  # error: [contracted-dims-differ]
    z = z + x.sum()
    z = torch.cat([z, z], 1)[:, 0] + z[0]
    return z


def two_causes(x: Float[Tensor, "N C"], y: Float[Tensor, "M C"]) -> Float[Tensor, "N"]:
    a = x + y  # error: [broadcast-dims-differ]
    b = y @ x  # error: [contracted-dims-differ]
    return a.sum(1) + b.sum(0) + x.sum(1)


def helper(x):
    return x @ x


def called_often(x: Float[Tensor, "N C"]) -> Tensor:
    a = helper(x)  # error: [contracted-dims-differ]
    return a + a.relu()
