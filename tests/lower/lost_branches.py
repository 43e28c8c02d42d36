"""Functions of which a trace loses something. Each loss stands behind its line, or above it."""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


def on_data(x: Tensor) -> Tensor:
    if x.sum() > 0:  # lost: `x.sum() > 0` is decided once, for all calls (here it held)
        x = x * 2
    else:
        x = x - x.mean()
        x = -x
    return x


def on_sizes(x: Tensor) -> Tensor:
    if x.size(0) > 5:  # lost: `x.size(0) > 5` is decided once, for all calls (here it did not hold)
        x = x[:5]
    return x


def on_a_number_from_data(x: Tensor) -> Tensor:
    # lost: `int((x > 0).sum())`, an integer, is what it was in this run, in every call
    count = int((x > 0).sum())
    half = count // 2
    if half > 1:  # lost: `half > 1` is decided once, for all calls (here it held)
        x = x + half
    return x


def how_many(x: Tensor) -> int:
    return int(x.size(0))  # lost: `int(x.size(0))`, an integer, is what it was in this run, in every call


def over_functions(x: Tensor) -> Tensor:
    n = how_many(x)
    for step in range(n):  # lost: `for step in range(n)` runs 3 times in every call
        x = x + step
    return x


def over_time(x: Tensor) -> Tensor:
    total = x[0]
    for t in range(1, x.size(0)):  # lost: `for t in range(1, x.size(0))` runs 2 times in every call
        total = torch.add(
            torch.tanh(total),
            x[t],
        )
    return total


def over_rows(x: Tensor) -> Tensor:
    # lost: `for row in x` runs as often as in this run in every call
    return torch.stack([row * 2 for row in x])


def until_small(x: Tensor) -> Tensor:
    while x.abs().max() > 0.5:  # lost: `while x.abs().max() > 0.5` runs 1 time in every call
        x = x / 2
    return x


def asserted(x: Tensor) -> Tensor:
    assert x.shape[0] == 3, "three"  # lost: `assert x.shape[0] == 3` is not in the graph
    return x + 1


def chosen(x: Tensor) -> Tensor:
    return x if bool(x.any()) else -x  # lost: `bool(x.any())` is decided once, for all calls


def compared(x: Tensor) -> Tensor:
    # lost: `torch.equal(x, x.abs())` is decided once, for all calls (here it held)
    if torch.equal(x, x.abs()):
        x = x * 3
    return x


def through_numpy(x: Tensor) -> Tensor:
    top = np.sort(x.numpy())  # lost: `x.numpy()`, a NumPy array, is what it was in this run, in every call
    return x + float(top.max())


def scaled(x: Tensor) -> Tensor:
    # lost: `math.sqrt(x.size(1))`, a float, is what it was in this run, in every call
    return x / math.sqrt(x.size(1))


def listed(x: Tensor) -> Tensor:
    largest = max(x.tolist())  # lost: `x.tolist()`, a list, is what it was in this run, in every call
    return x[0] + sum(largest)


def filtered(x: Tensor) -> Tensor:
    return sum(
        [
            one
            for one in (x, x * 2)
            if one.mean() > -9  # lost: `one.mean() > -9` is decided once, for all calls
        ]
    )  # pyright: ignore[reportReturnType]


def kept(x: Tensor, mask: Tensor | None = None, names: Any = ("a", "b")) -> Tensor:
    """Nothing of this is lost."""
    if mask is None and isinstance(x, Tensor):
        x = x + 1
    if x.dim() == 2 and x.dtype == torch.float32 and not x.requires_grad and x.is_floating_point():
        x = x * 2
    for name in names:
        x = x + len(name)
    for part in (x, x):
        x = x + part
    height, width = x.shape
    x = x.reshape(height * width).view(height, width)
    scale = torch.tensor([1.0, 2.0])
    assert names, "some"
    return x if hasattr(x, "sum") else scale


class Switch(nn.Module):
    """Its own settings are no data, its buffers are."""

    def __init__(self) -> None:
        super().__init__()
        self.double = True
        self.parts = nn.ModuleList([nn.Linear(4, 4)])
        self.register_buffer("seen", torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        if self.training or self.double:
            x = x * 2
        for place, part in enumerate(self.parts):
            x = part(x) + place
        if self.seen > 3:  # lost: `self.seen > 3` is decided once, for all calls (here it did not hold)
            x = x + 1
        return x
