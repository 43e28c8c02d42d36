"""Parameters and buffers, and tensors that methods read."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor


class Table(nn.Module):
    def __init__(self, length: int, width: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width))  # dims: width
        self.register_buffer("table", torch.zeros(length, width))
        self.cls = nn.Parameter(torch.zeros(1, 1, width))

    def forward(self, x: Float[Tensor, "B T width"]) -> Float[Tensor, "B T width"]:
        y = x * self.scale  # dims: B T width
        z = y + self.table[: x.shape[1]]  # dims: B T width
        return z

    def with_class(self, x: Float[Tensor, "B T width"]) -> Float[Tensor, "B T+1 width"]:
        token = self.cls.expand(x.size(0), -1, -1)  # dims: B 1 width
        y = torch.cat([token, x], dim=1)  # dims: B T+1 width
        return y

    def forgot_class(self, x: Float[Tensor, "B T width"]) -> Float[Tensor, "B T width"]:
        token = self.cls.expand(x.size(0), -1, -1)  # dims: B 1 width
        return torch.cat([token, x], dim=1)  # error: [result-differs]


class WeightOfLayer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(1000, 64)
        self.head = nn.Linear(64, 1000, bias=False)
        self.head.weight = self.embed.weight

    def forward(self, ids: Int[Tensor, "B T"]) -> Float[Tensor, "B T 1000"]:
        x = self.embed(ids)  # dims: B T 64
        logits = F.linear(x, self.embed.weight)  # dims: B T 1000
        return logits + self.head(x)
