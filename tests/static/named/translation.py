"""A translator: an encoder, a decoder that looks back at it, and greedy decoding of unknown length."""

import math

import namedtorch
from namedtorch import Float, Int, NamedTensor, checked, named_module
from torch import nn


class Look(nn.Module):
    """Attention from T to S."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.q = named_module(nn.Linear(features, features), "D -> D")
        self.kv = named_module(nn.Linear(features, 2 * features), "D -> KV")

    @checked
    def forward(
        self, x: Float[NamedTensor, "N T D"], memory: Float[NamedTensor, "N S D"]
    ) -> Float[NamedTensor, "N T D"]:
        # mistake [dim-missing]: k, v = self.kv(memory).rename(KV="D").chunk(2, "KV")
        k, v = self.kv(memory).rename(KV="D").chunk(2, "D")
        # mistake [names-differ]: scores = namedtorch.einsum("N T D, N T D -> N T", self.q(x), k)
        scores = namedtorch.einsum("N T D, N S D -> N T S", self.q(x), k) / math.sqrt(x.size("D"))
        # mistake [names-differ]: return namedtorch.einsum("N T S, N D S -> N T D", scores.softmax("S"), v)
        return namedtorch.einsum("N T S, N S D -> N T D", scores.softmax("S"), v)


class Translator(nn.Module):
    def __init__(self, tokens: int, features: int) -> None:
        super().__init__()
        self.embed = named_module(nn.Embedding(tokens, features), "... -> ... D")
        self.look = Look(features)
        self.norm = nn.LayerNorm(features)
        self.out = named_module(nn.Linear(features, tokens), "D -> V")

    @checked
    def forward(
        self, source: Int[NamedTensor, "N S"], target: Int[NamedTensor, "N T"]
    ) -> Float[NamedTensor, "N T V"]:
        x = self.embed(target)
        # mistake [names-differ]: x = self.norm(x + self.look(self.embed(source), x))
        x = self.norm(x + self.look(x, self.embed(source)))
        # mistake [names-differ]: return self.out(x).rename(T="S")
        return self.out(x)

    def translate(self, source: Int[NamedTensor, "N S"], start: int, longest: int) -> NamedTensor:
        target = namedtorch.full((source.size("N"), 1), start, names=("N", "T"))
        while target.size("T") < longest:
            # mistake [dim-missing]: last = self(source, target)["S", -1:]
            last = self(source, target)["T", -1:]
            # mistake [dim-missing]: target = namedtorch.cat([target, last.argmax("D")], "T")
            target = namedtorch.cat([target, last.argmax("V")], "T")
        return target


def main() -> None:
    source = namedtorch.randint(0, 7, N=2, S=3)
    model = Translator(7, 4)
    # mistake [names-differ]: assert model.translate(source.rename(S="T"), 0, 4).dims == ("N", "T")
    assert model.translate(source, 0, 4).dims == ("N", "T")
