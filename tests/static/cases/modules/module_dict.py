"""Modules by name."""

import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


class Heads(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.heads = nn.ModuleDict({"boxes": nn.Linear(64, 4), "classes": nn.Linear(64, 91)})
        self.heads["masks"] = nn.Linear(64, 2)

    def forward(self, x: Float[Tensor, "N 64"]) -> Float[Tensor, "N 4"]:
        classes = self.heads["classes"](x)  # dims: N 91
        masks = self.heads["masks"](x)  # dims: N 2
        for name, head in self.heads.items():
            out = head(x)
        for head in self.heads.values():
            out = head(x)
        return self.heads["boxes"](x) + classes[:, :1] + masks[:, :1]


class Wrong(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.heads = nn.ModuleDict({"a": nn.Linear(64, 4), "b": nn.Linear(48, 4)})

    def forward(self, x: Float[Tensor, "N 64"]) -> Float[Tensor, "N 4"]:
        a = self.heads["a"](x)  # dims: N 4
        return a + self.heads["b"](x)  # error: [contracted-dims-differ]
