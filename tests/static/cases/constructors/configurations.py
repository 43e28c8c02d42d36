"""Configurations: dataclasses, plain objects, keyword dictionaries."""

from dataclasses import dataclass

import torch.nn as nn
from jaxtyping import Float, Int
from torch import Tensor


@dataclass
class Config:
    width: int = 64
    heads: int = 4
    vocab: int = 1000


class Layer(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.up = nn.Linear(config.width, 4 * config.width)
        self.down = nn.Linear(4 * config.width, config.width)
        self.heads = config.heads

    def forward(self, x: Float[Tensor, "B T C"]) -> Float[Tensor, "B T C"]:
        y = self.down(self.up(x).relu())  # dims: B T config.width
        return x + y


class Wrong(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.up = nn.Linear(config.width, 4 * config.width)
        self.down = nn.Linear(2 * config.width, config.width)

    def forward(self, x: Float[Tensor, "B T C"]) -> Float[Tensor, "B T C"]:
        y = self.up(x)  # dims: B T 4*config.width
        return self.down(y)  # error: [contracted-dims-differ]


class Known(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        config = Config(width=32)
        self.embed = nn.Embedding(config.vocab, config.width)
        self.head = nn.Linear(config.width, config.vocab)
        options = {"in_features": 32, "out_features": config.heads}
        self.other = nn.Linear(**options)

    def forward(self, ids: Int[Tensor, "B T"]) -> Float[Tensor, "B T 1000"]:
        x = self.embed(ids)  # dims: B T 32
        z = self.other(x)  # dims: B T 4
        return self.head(x) + z.sum()
