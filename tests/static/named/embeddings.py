"""Tokens and positions looked up, and rows picked by index."""

import namedtorch
from namedtorch import Float, Int, NamedTensor, checked, named_module
from torch import nn


class Embeddings(nn.Module):
    def __init__(self, tokens: int, length: int, features: int) -> None:
        super().__init__()
        self.tokens = named_module(nn.Embedding(tokens, features), "... -> ... D")
        self.places = named_module(nn.Embedding(length, features), "T -> T D")
        self.norm = nn.LayerNorm(features)

    @checked
    def forward(self, text: Int[NamedTensor, "N T"]) -> Float[NamedTensor, "N T D"]:
        # mistake [names-differ]: place = namedtorch.arange(N=text.size("T"))
        place = namedtorch.arange(T=text.size("T"))
        # mistake [dim-missing]: return self.norm(self.tokens(text) + self.places(place)).flatten(("N", "S"), "NT")
        return self.norm(self.tokens(text) + self.places(place))


@checked
def pick(table: Float[NamedTensor, "V D"], rows: Int[NamedTensor, "N"]) -> Float[NamedTensor, "N D"]:
    # mistake [names-differ]: return table[:, rows]
    return table[rows]


@checked
def dot(x: Float[NamedTensor, "N D"], y: Float[NamedTensor, "M D"]) -> Float[NamedTensor, "N M"]:
    # mistake [dim-missing]: return namedtorch.contract(x, y, over="M")
    return namedtorch.contract(x, y, over="D")


def main() -> None:
    text = namedtorch.randint(0, 9, N=3, T=3)
    x = Embeddings(9, 3, 4)(text)
    assert x.dims == ("N", "T", "D")
    table = namedtorch.rand(V=4, D=4)
    # mistake [names-differ]: assert pick(table, x["D", 0, "T", 0].long().rename("V")).dims == ("N", "D")
    assert pick(table, x["D", 0, "T", 0].clamp(0, 1).long()).dims == ("N", "D")
    # mistake [names-differ]: assert dot(x["T", 0], table).dims == ("N", "M")
    assert dot(x["T", 0], table.rename(V="M")).dims == ("N", "M")
