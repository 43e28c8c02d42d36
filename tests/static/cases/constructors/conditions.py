"""Where a condition, an assert or an optional module decides whether arguments are equal, nothing is said."""

import torch
import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


class Downsample(nn.Module):
    def __init__(
        self, inside: int, outside: int, stride: int = 1, downsample: nn.Module | None = None
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inside, outside, 3, stride, 1)
        self.downsample = downsample

    def forward(self, x: Float[Tensor, "N inside H W"]) -> Tensor:
        identity = x
        y = self.conv(x)
        if self.downsample is not None:
            identity = self.downsample(x)
        return y + identity


class Projected(nn.Module):
    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inside, outside, 3, 1, 1)
        if inside != outside:
            self.skip = nn.Conv2d(inside, outside, 1)
        else:
            self.skip = nn.Identity()

    def forward(self, x: Float[Tensor, "N inside H W"]) -> Float[Tensor, "N outside H W"]:
        y = self.conv(x) + self.skip(x)
        return y


class Asserted(nn.Module):
    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        assert inside == outside
        self.conv = nn.Conv2d(inside, outside, 3, 1, 1)

    def forward(self, x: Float[Tensor, "N inside H W"]) -> Float[Tensor, "N outside H W"]:
        return x + self.conv(x)


class Flagged(nn.Module):
    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.residual = inside == outside
        self.fc = nn.Linear(inside, outside)

    def forward(self, x: Float[Tensor, "N inside"]) -> Float[Tensor, "N outside"]:
        y = self.fc(x)  # dims: N outside
        if self.residual:
            y = y + x
        return y


class Mode(nn.Module):
    def __init__(self, inside: int, outside: int, mode: str) -> None:
        super().__init__()
        self.mode = mode
        self.fc = nn.Linear(inside, outside)

    def forward(self, x: Float[Tensor, "N inside"]) -> Tensor:
        y = self.fc(x)  # dims: N outside
        if self.mode == "add":
            return x + y
        return torch.cat([x, y], dim=1)  # dims: N inside+outside
