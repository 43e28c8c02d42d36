"""The Transformer of `tests/models/transformer.py` in plain positions, as written by hand."""

import math
from typing import Optional

import torch
from torch import Tensor, nn

PADDING = 0


def sinusoids(length: int, features: int) -> Tensor:
    place = torch.arange(length)[:, None]
    frequency = torch.exp(torch.arange(0, features, 2) * (-math.log(10000.0) / features))
    table = torch.empty(length, features)
    table[:, 0::2] = torch.sin(place * frequency)
    table[:, 1::2] = torch.cos(place * frequency)
    return table


class MultiHeadAttention(nn.Module):
    def __init__(self, features: int, heads: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.heads = heads
        self.q = nn.Linear(features, features)
        self.k = nn.Linear(features, features)
        self.v = nn.Linear(features, features)
        self.out = nn.Linear(features, features)
        self.dropout = nn.Dropout(dropout)

    def split(self, x: Tensor) -> Tensor:
        return x.unflatten(2, (self.heads, -1)).transpose(1, 2)

    def forward(
        self, queries: Tensor, keys: Tensor, hidden: Optional[Tensor] = None, causal: bool = False
    ) -> Tensor:
        q, k, v = self.split(self.q(queries)), self.split(self.k(keys)), self.split(self.v(keys))
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.size(-1))
        if hidden is not None:
            scores = scores.masked_fill(hidden[:, None, None], -1e9)
        if causal:
            earlier = torch.arange(queries.size(1))[:, None]
            scores = scores.masked_fill(torch.arange(keys.size(1)) > earlier, -1e9)
        mixed = self.dropout(scores.softmax(-1)) @ v
        return self.out(mixed.transpose(1, 2).flatten(2))


class FeedForward(nn.Module):
    def __init__(self, features: int, inner: int) -> None:
        super().__init__()
        self.wide = nn.Linear(features, inner)
        self.narrow = nn.Linear(inner, features)

    def forward(self, x: Tensor) -> Tensor:
        return self.narrow(self.wide(x).relu())


class EncoderLayer(nn.Module):
    def __init__(self, features: int, heads: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.attention = MultiHeadAttention(features, heads, dropout)
        self.feed = FeedForward(features, inner)
        self.norm1 = nn.LayerNorm(features)
        self.norm2 = nn.LayerNorm(features)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, hidden: Tensor) -> Tensor:
        x = self.norm1(x + self.dropout(self.attention(x, x, hidden)))
        return self.norm2(x + self.dropout(self.feed(x)))


class DecoderLayer(nn.Module):
    def __init__(self, features: int, heads: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.own = MultiHeadAttention(features, heads, dropout)
        self.cross = MultiHeadAttention(features, heads, dropout)
        self.feed = FeedForward(features, inner)
        self.norm1 = nn.LayerNorm(features)
        self.norm2 = nn.LayerNorm(features)
        self.norm3 = nn.LayerNorm(features)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, memory: Tensor, hidden: Tensor) -> Tensor:
        x = self.norm1(x + self.dropout(self.own(x, x, causal=True)))
        x = self.norm2(x + self.dropout(self.cross(x, memory, hidden)))
        return self.norm3(x + self.dropout(self.feed(x)))


class Transformer(nn.Module):
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
        self.scale = math.sqrt(features)
        self.source_tokens = nn.Embedding(sources, features, PADDING)
        self.target_tokens = nn.Embedding(targets, features, PADDING)
        self.register_buffer("waves", sinusoids(longest, features), persistent=False)
        self.encoder = nn.ModuleList(EncoderLayer(features, heads, inner, dropout) for _ in range(layers))
        self.decoder = nn.ModuleList(DecoderLayer(features, heads, inner, dropout) for _ in range(layers))
        self.dropout = nn.Dropout(dropout)
        self.scores = nn.Linear(features, targets)
        self.padding = PADDING

    def encode(self, source: Tensor) -> Tensor:
        x = self.dropout(self.source_tokens(source) * self.scale + self.waves[: source.size(1)])
        hidden = source == self.padding
        for layer in self.encoder:
            x = layer(x, hidden)
        return x

    def decode(self, memory: Tensor, source: Tensor, target: Tensor) -> Tensor:
        x = self.dropout(self.target_tokens(target) * self.scale + self.waves[: target.size(1)])
        hidden = source == self.padding
        for layer in self.decoder:
            x = layer(x, memory, hidden)
        return self.scores(x)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        return self.decode(self.encode(source), source, target)


def make() -> nn.Module:
    return Transformer(40, 45, features=32, heads=4, inner=64, layers=2, longest=16)
