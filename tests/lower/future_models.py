"""Annotations that are texts: PEP 563."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn

from namedtorch import Float, Int, checked


class Scores(NamedTuple):
    logits: Float[Tensor, "N C"]
    best: Int[Tensor, "N"]


@checked
class Deferred(nn.Module):
    scale: float

    def __init__(self) -> None:
        super().__init__()
        self.scale = 2.0
        self.head = nn.Linear(3, 4)

    def forward(self, x: Float[Tensor, "N 3"], mask: Float[Tensor, "N"] | None = None) -> Scores:
        y: Float[Tensor, "N 4"] = self.head(x) * self.scale
        if mask is not None:
            y = y * mask[:, None]
        return Scores(y, y.argmax(1))
