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


def filled(module: nn.Module) -> None:
    """Gives each parameter numbers that nobody has drawn."""
    with torch.no_grad():
        for one in module.parameters():
            one.copy_(torch.linspace(-0.5, 0.5, one.numel()).sin().reshape(one.shape))


@checked
class Tagger(nn.Module):
    def __init__(self, classes: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(4, 6, batch_first=True)
        self.norm = nn.LayerNorm(6)
        self.head = nn.Linear(6, classes)
        filled(self)

    def forward(self, words: Float[Tensor, "N T in=4 where T >= 1"]) -> Float[Tensor, "N T classes=5"]:
        return self.head(self.norm(self.lstm(words)[0]))


@checked
class Edges(nn.Module):
    def __init__(self, classes: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.relu = nn.ReLU()
        self.head = nn.Conv2d(8, classes, 1)
        filled(self)

    def forward(self, image: Float[Tensor, "N C=3 H W"]) -> Float[Tensor, "N classes=5"]:
        return self.head(self.relu(self.norm(self.conv(image)))).mean((2, 3))


def blend(
    x: Float[Tensor, "*batch C"], y: Float[Tensor, "*batch C"], share: float = 0.5
) -> Float[Tensor, "*batch C"]:
    return x * share + y * (1.0 - share)
