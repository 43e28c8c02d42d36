"""Torch's own recurrent layers on named sequences."""

import namedtorch
from namedtorch import Float, Int, NamedTensor, checked, named_module
from torch import nn


class Tagger(nn.Module):
    def __init__(self, tokens: int, features: int, hidden: int, tags: int) -> None:
        super().__init__()
        self.embed = named_module(nn.Embedding(tokens, features), "N T -> N T D")
        self.rnn = nn.GRU(features, hidden, batch_first=True, bidirectional=True)
        self.tags = named_module(nn.Linear(2 * hidden, tags), "K -> tags")

    @checked
    def forward(self, text: Int[NamedTensor, "N T"]) -> Float[NamedTensor, "N T tags"]:
        out, state = self.rnn(self.embed(text))
        # mistake [names-differ]: return self.tags(out.refine_names("T", "N", "K"))
        return self.tags(out.refine_names("N", "T", "K"))

    @checked
    def best(self, text: Int[NamedTensor, "N T"]) -> Int[NamedTensor, "N T"]:
        # mistake [dim-missing]: return self(text).argmax("K")
        return self(text).argmax("tags")


class Language(nn.Module):
    def __init__(self, features: int) -> None:
        super().__init__()
        self.rnn = nn.LSTM(features, features, batch_first=True)
        self.norm = nn.LayerNorm(features)

    @checked
    def forward(self, x: Float[NamedTensor, "N T D"]) -> Float[NamedTensor, "N D"]:
        out, (state, cell) = self.rnn(x)
        y = self.norm(out.refine_names(..., "D") + x)
        # mistake [dim-missing]: return y.select("time", -1)
        return y.select("T", -1)


def main() -> None:
    text = namedtorch.randint(0, 9, N=3, T=3)
    model = Tagger(9, 4, 5, 6)
    assert model(text).dims == ("N", "T", "tags")
    # mistake [names-differ]: assert model.best(text.align_to("T", "N")).dims == ("N", "T")
    assert model.best(text).dims == ("N", "T")
    assert Language(4)(namedtorch.rand(N=2, T=3, D=4)).dims == ("N", "D")
