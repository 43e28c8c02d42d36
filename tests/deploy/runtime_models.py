"""A small model for every runtime: two inputs that share a dim, and a result with names."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from namedtorch import Float


class Found(NamedTuple):
    scores: Float[Tensor, "N classes=5"]
    feature: Float[Tensor, "N 8"]


class Masked(nn.Module):
    """Scores of images; where a dim may be used, a mask of another N is repeated or ignored without a word."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.head = nn.Linear(8, 5)

    def forward(
        self,
        image: Float[Tensor, "N C=3 H W where N <= 6, H <= 16, W <= 16"],
        mask: Float[Tensor, "N"],
    ) -> Found:
        feature = self.conv(image).relu().mean((2, 3))
        return Found(self.head(feature) * mask[:, None], feature)


def masked() -> Masked:
    torch.manual_seed(0)
    return Masked().eval()


def inputs(n: int = 3, h: int = 7, w: int = 9) -> tuple[Tensor, Tensor]:
    return torch.randn(n, 3, h, w), torch.rand(n)
