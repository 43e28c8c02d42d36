"""Methods and layers of base classes; `super()`; abstract bases; overridden parts."""

import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


class Base(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.proj = nn.Linear(width, 10)

    def features(self, x):
        raise NotImplementedError

    def forward(self, x):
        return self.proj(self.features(x))


class Child(Base):
    def __init__(self) -> None:
        super().__init__(20)
        self.up = nn.Linear(5, 20)

    def features(self, x: Float[Tensor, "N 5"]) -> Float[Tensor, "N 20"]:
        y = self.up(x)  # dims: N 20
        return y

    def both(self, x: Float[Tensor, "N 5"]) -> Float[Tensor, "N 10"]:
        y = self(x)  # dims: N 10
        z = super().forward(x)  # dims: N 10
        return y + z


class Wrong(Base):
    def __init__(self) -> None:
        super().__init__(30)
        self.up = nn.Linear(5, 20)

    def features(self, x: Float[Tensor, "N 5"]) -> Float[Tensor, "N 20"]:
        return self.up(x)

    def both(self, x: Float[Tensor, "N 5"]) -> Float[Tensor, "N 10"]:
        return self.proj(self.features(x))  # error: [contracted-dims-differ]


class OfTorch(nn.Linear):
    def __init__(self, size: int) -> None:
        super().__init__(size, 3)

    def forward(self, x: Float[Tensor, "N size"]) -> Float[Tensor, "N 3"]:
        y = super().forward(x)  # dims: N 3
        return y * 2


class Trunk(nn.Sequential):
    def __init__(self) -> None:
        super().__init__(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 5))


class User(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.special = OfTorch(6)
        self.trunk = Trunk()

    def forward(self, x: Float[Tensor, "N 6"]) -> Float[Tensor, "N 5"]:
        y = self.special(x)  # dims: N 3
        return self.trunk(y)  # dims: N 5
