"""Encoder-decoder Transformer for translation, its body written with names.

Source: Vaswani et al., "Attention Is All You Need" (2017, arXiv:1706.03762).
"""

import math

import torch
from torch import Tensor, nn

import namedtorch
from namedtorch import Bool, Float, Int, NamedTensor, checked, named, named_module

PADDING = 0


def sinusoids(length: int, features: int) -> Tensor:
    """Sines and cosines of wave lengths from 2 pi to 20000 pi, in turns."""
    place = torch.arange(length)[:, None]
    frequency = torch.exp(torch.arange(0, features, 2) * (-math.log(10000.0) / features))
    table = torch.empty(length, features)
    table[:, 0::2] = torch.sin(place * frequency)
    table[:, 1::2] = torch.cos(place * frequency)
    return table


class MultiHeadAttention(nn.Module):
    """Attention of queries along T to keys and values along S."""

    def __init__(self, features: int, heads: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.heads = heads
        self.q = named_module(nn.Linear(features, features), "D -> D")
        self.k = named_module(nn.Linear(features, features), "D -> D")
        self.v = named_module(nn.Linear(features, features), "D -> D")
        self.out = named_module(nn.Linear(features, features), "D -> D")
        self.dropout = nn.Dropout(dropout)

    def split(self, x: NamedTensor) -> NamedTensor:
        """The features in heads, which come second."""
        return x.unflatten("D", (("heads", self.heads), ("d", -1))).align_to("N", "heads", ..., "d")

    @checked
    def forward(
        self,
        queries: Float[NamedTensor, "N T D"],
        keys: Float[NamedTensor, "N S D"],
        hidden: Bool[NamedTensor, "N S"] | None = None,
        causal: bool = False,
    ) -> Float[NamedTensor, "N T D"]:
        """`hidden` is true where a key may not be looked at; `causal` hides all that come after the query."""
        q, k, v = self.split(self.q(queries)), self.split(self.k(keys)), self.split(self.v(keys))
        scores = namedtorch.contract(q, k, over="d") / math.sqrt(q.size("d"))
        if hidden is not None:
            scores = scores.masked_fill(hidden.align_as(scores), -1e9)
        if causal:
            earlier = namedtorch.arange(T=queries.size("T")).align_to("T", "S")
            scores = scores.masked_fill(namedtorch.arange(S=keys.size("S")) > earlier, -1e9)
        mixed = namedtorch.contract(self.dropout(scores.softmax("S")), v, over="S")
        return self.out(mixed.align_to("N", "T", "heads", "d").flatten(["heads", "d"], "D"))


class FeedForward(nn.Module):
    """Two linear layers for each place by itself."""

    def __init__(self, features: int, inner: int) -> None:
        super().__init__()
        self.wide = named_module(nn.Linear(features, inner), "D -> F")
        self.narrow = named_module(nn.Linear(inner, features), "F -> D")

    def forward(self, x: NamedTensor) -> NamedTensor:
        return self.narrow(self.wide(x).relu())


class EncoderLayer(nn.Module):
    """Self-attention and feed-forward, norms last, as in the paper."""

    def __init__(self, features: int, heads: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.attention = MultiHeadAttention(features, heads, dropout)
        self.feed = FeedForward(features, inner)
        self.norm1 = nn.LayerNorm(features)
        self.norm2 = nn.LayerNorm(features)
        self.dropout = nn.Dropout(dropout)

    @checked
    def forward(
        self, x: Float[NamedTensor, "N S D"], hidden: Bool[NamedTensor, "N S"]
    ) -> Float[NamedTensor, "N S D"]:
        attended = self.attention(x.rename(S="T"), x, hidden).rename(T="S")
        x = self.norm1(x + self.dropout(attended))
        return self.norm2(x + self.dropout(self.feed(x)))


class DecoderLayer(nn.Module):
    """Self-attention to what stands before, attention to the source, feed-forward."""

    def __init__(self, features: int, heads: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.own = MultiHeadAttention(features, heads, dropout)
        self.cross = MultiHeadAttention(features, heads, dropout)
        self.feed = FeedForward(features, inner)
        self.norm1 = nn.LayerNorm(features)
        self.norm2 = nn.LayerNorm(features)
        self.norm3 = nn.LayerNorm(features)
        self.dropout = nn.Dropout(dropout)

    @checked
    def forward(
        self,
        x: Float[NamedTensor, "N T D"],
        memory: Float[NamedTensor, "N S D"],
        hidden: Bool[NamedTensor, "N S"],
    ) -> Float[NamedTensor, "N T D"]:
        x = self.norm1(x + self.dropout(self.own(x, x.rename(T="S"), causal=True)))
        x = self.norm2(x + self.dropout(self.cross(x, memory, hidden)))
        return self.norm3(x + self.dropout(self.feed(x)))


class Transformer(nn.Module):
    """Scores for every place of a target which token comes next, given the source."""

    waves: Tensor

    def __init__(
        self,
        sources: int,
        targets: int,
        features: int = 512,
        heads: int = 8,
        inner: int = 2048,
        layers: int = 6,
        dropout: float = 0.1,
        longest: int = 512,
    ) -> None:
        super().__init__()
        self.targets = targets
        self.longest = longest
        self.scale = math.sqrt(features)
        self.source_tokens = named_module(nn.Embedding(sources, features, PADDING), "N S -> N S D")
        self.target_tokens = named_module(nn.Embedding(targets, features, PADDING), "N T -> N T D")
        self.register_buffer("waves", sinusoids(longest, features), persistent=False)
        self.encoder = nn.ModuleList(EncoderLayer(features, heads, inner, dropout) for _ in range(layers))
        self.decoder = nn.ModuleList(DecoderLayer(features, heads, inner, dropout) for _ in range(layers))
        self.dropout = nn.Dropout(dropout)
        self.scores = named_module(nn.Linear(features, targets), "D -> V")

    def encode(self, source: NamedTensor) -> NamedTensor:
        """What the encoder makes of the source."""
        waves = named(self.waves, "S D")["S", : source.size("S")]
        x = self.dropout(self.source_tokens(source) * self.scale + waves)
        hidden = source == PADDING
        for layer in self.encoder:
            x = layer(x, hidden)
        return x

    def decode(self, memory: NamedTensor, source: NamedTensor, target: NamedTensor) -> NamedTensor:
        """The scores of the next tokens."""
        waves = named(self.waves, "T D")["T", : target.size("T")]
        x = self.dropout(self.target_tokens(target) * self.scale + waves)
        hidden = source == PADDING
        for layer in self.decoder:
            x = layer(x, memory, hidden)
        return self.scores(x)

    @checked
    def forward(
        self,
        source: Int[NamedTensor, "N S where S <= self.longest"],
        target: Int[NamedTensor, "N T where T <= self.longest"],
    ) -> Float[NamedTensor, "N T V=self.targets"]:
        return self.decode(self.encode(source), source, target)


def make() -> nn.Module:
    torch.manual_seed(0)
    return Transformer(40, 45, features=32, heads=4, inner=64, layers=2, longest=16)


SIZES = ({"N": 3, "S": 7, "T": 5}, {"N": 1, "S": 4, "T": 9})


def example(N: int, S: int, T: int) -> tuple[Tensor, ...]:
    source = torch.randint(1, 40, (N, S))
    # The last place of the first text is padding.
    source[0, -1] = PADDING
    return source, torch.randint(1, 45, (N, T))


def wrong() -> tuple[Tensor, ...]:
    source, target = example(3, 7, 5)
    return source, target.T


REFUSED = "`N`"
