"""Small models for phones, and how a phone loads them."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.jit.mobile import LiteScriptModule, _load_for_lite_interpreter

from namedtorch import Float
from namedtorch.lower.lowered import Lowered


class Photos(nn.Module):
    """A convolutional classifier with what training needs: norms that took in statistics, and dropout."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.deep = nn.Conv2d(8, 8, 3, groups=8)
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(8, 5)
        nn.init.uniform_(self.norm.running_mean)
        nn.init.uniform_(self.norm.running_var, 0.5, 2.0)

    def forward(self, image: Float[Tensor, "N C=3 H W where H >= 4, W >= 4"]) -> Float[Tensor, "N classes=5"]:
        return self.head(self.drop(self.features(image).mean((2, 3))))

    def features(self, image: Tensor) -> Tensor:
        return self.deep(self.norm(self.conv(image)).relu())

    @torch.jit.export
    def encode(self, image: Float[Tensor, "N C=3 H W"]) -> Float[Tensor, "N 8 H-2 W-2"]:
        return self.features(image)


class Dense(nn.Module):
    """A model without convolutions."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.head = nn.Linear(6, 3)

    def forward(self, x: Float[Tensor, "N C=6"]) -> Float[Tensor, "N 3"]:
        return self.head(x).relu()


def images(n: int = 2, height: int = 12, width: int = 10) -> Tensor:
    """Images in torch's usual memory format."""
    generator = torch.Generator().manual_seed(1)
    return torch.randn(n, 3, height, width, generator=generator)


def channels_last(x: Tensor) -> Tensor:
    """The same tensor, stored channels-last."""
    return x.to(memory_format=torch.channels_last)


def on_phone(lowered: Lowered, folder: Path, **given: Any) -> LiteScriptModule:
    """What the lite interpreter loads of a model's file."""
    path = folder / "model.ptl"
    lowered.save(path, **given)
    return _load_for_lite_interpreter(str(path))
