"""Self-attention in several heads: names in the place of transpositions."""

import math

import namedtorch
from namedtorch import Float, NamedTensor, checked, named_module
from torch import nn


class SelfAttention(nn.Module):
    def __init__(self, features: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.scale = math.sqrt(features // heads)
        self.q = named_module(nn.Linear(features, features), "D -> D")
        self.k = named_module(nn.Linear(features, features), "D -> D")
        self.v = named_module(nn.Linear(features, features), "D -> D")
        self.out = named_module(nn.Linear(features, features), "D -> D")

    def split(self, x: NamedTensor) -> NamedTensor:
        return x.unflatten("D", (("heads", self.heads), ("d", -1))).align_to("N", "heads", ..., "d")

    @checked
    def forward(self, x: Float[NamedTensor, "N T D"]) -> Float[NamedTensor, "N T D"]:
        q = self.split(self.q(x))
        # mistake [names-repeated]: k = self.split(self.k(x)).rename(T="heads")
        k = self.split(self.k(x)).rename(T="S")
        v = self.split(self.v(x)).rename(T="S")
        # mistake [dim-missing]: scores = namedtorch.contract(q, k, over="D") / self.scale
        scores = namedtorch.contract(q, k, over="d") / self.scale
        # mistake [dim-missing]: weights = scores.softmax("keys")
        weights = scores.softmax("S")
        # mistake [dim-missing]: mixed = namedtorch.contract(weights, v, over="d")
        mixed = namedtorch.contract(weights, v, over="S")
        # mistake [names-differ]: joined = mixed.rearrange("N T heads d -> N T (heads d)")
        joined = mixed.rearrange("N heads T d -> N T (heads d)")
        # mistake [names-differ]: return self.out(joined)
        return self.out(joined.rename("N", "T", "D"))


def main() -> None:
    x = namedtorch.randn(N=2, T=5, D=8)
    y = SelfAttention(8, 2)(x)
    assert y.dims == ("N", "T", "D")
