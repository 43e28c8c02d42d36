"""The models of the golden archives."""

import torch
from torch import Tensor, nn

from namedtorch import Float, checked


@checked
class Classifier(nn.Module):
    def __init__(self, classes: int) -> None:
        super().__init__()
        self.classes = classes
        self.weight = nn.Parameter(torch.linspace(-1.0, 1.0, 3 * classes).reshape(3, classes))
        self.register_buffer("shift", torch.arange(float(classes)))

    def forward(
        self, image: Float[Tensor, "N C=3 H W where H >= 2, W >= 2"], scale: float = 1.0
    ) -> Float[Tensor, "N self.classes"]:
        return image.mean((2, 3)) @ self.weight * scale + self.shift


@checked
class Averager(nn.Module):
    def __init__(self, classes: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.linspace(-1.0, 1.0, 3 * classes).reshape(3, classes))

    def forward(self, image: Float[Tensor, "N C=3 H W"]) -> Float[Tensor, "N classes=5"]:
        return image.mean((2, 3)) @ self.weight


def blend(
    x: Float[Tensor, "*batch C"], y: Float[Tensor, "*batch C"], share: float = 0.5
) -> Float[Tensor, "*batch C"]:
    return x * share + y * (1.0 - share)
