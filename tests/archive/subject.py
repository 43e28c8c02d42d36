"""A small real model, and its files as torch writes them."""

import warnings
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import nn

from namedtorch import Float, checked
from namedtorch.archive.atomic import atomic
from namedtorch.archive.manifest import Manifest
from namedtorch.archive.seal import seal
from tests.lower.unverified import lower


@checked
class Scorer(nn.Module):
    """Parameters, a buffer, and code of several modules."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.conv = nn.Conv2d(3, 4, 3)
        self.head = nn.Linear(4, 5)
        self.register_buffer("shift", torch.arange(5.0))

    def forward(
        self, image: Float[torch.Tensor, "N C=3 H W where H >= 3, W >= 3"]
    ) -> Float[torch.Tensor, "N 5"]:
        return self.head(self.conv(image).mean((2, 3))) + self.shift


IMAGE = torch.linspace(-1.0, 1.0, 2 * 3 * 4 * 5).reshape(2, 3, 4, 5)


@cache
def scripted(seed: int = 0) -> tuple[Any, Manifest]:
    """The graph and the manifest of a scorer."""
    lowered = lower(Scorer(seed))
    return lowered.module, lowered.manifest


@cache
def frozen() -> Any:
    """A graph that holds its weights as constants."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return torch.jit.freeze(scripted()[0])


def write(module: Any, path: Path) -> None:
    """Writes a file as torch does, without a manifest."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        if path.suffix == ".ptl":
            module._save_for_lite_interpreter(str(path))
        else:
            torch.jit.save(module, str(path))


def save(module: Any, manifest: Manifest, path: Path) -> Manifest:
    """Writes a sealed file."""
    with atomic(path) as temporary:
        write(module, temporary)
        return seal(temporary, manifest, str(path))


def opened(path: Path) -> Any:
    """The module of a file, as plain torch loads it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return torch.jit.load(str(path))
