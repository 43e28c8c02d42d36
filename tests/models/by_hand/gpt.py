"""The GPT of `tests/models/gpt.py` in plain positions, as written by hand."""

from typing import List, Optional, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class CausalAttention(nn.Module):
    def __init__(self, features: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.scale = (features // heads) ** -0.5
        self.qkv = nn.Linear(features, 3 * features)
        self.proj = nn.Linear(features, features)
        self.drop = nn.Dropout(dropout)

    def forward(
        self, x: Tensor, past: Optional[Tuple[Tensor, Tensor]] = None
    ) -> Tuple[Tensor, Tuple[Tensor, Tensor]]:
        N, T, D = x.shape
        qkv = self.qkv(x).reshape(N, T, 3, self.heads, D // self.heads).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)
        if past is not None:
            k = torch.cat([past[0], k], dim=2)
            v = torch.cat([past[1], v], dim=2)
        scores = (q @ k.transpose(-2, -1)) * self.scale
        S = k.size(2)
        query = torch.arange(T, device=x.device) + (S - T)
        key = torch.arange(S, device=x.device)
        future = key > query[:, None]
        weights = scores.masked_fill(future, float("-inf")).softmax(-1)
        mixed = self.drop(weights) @ v
        out = self.proj(mixed.transpose(1, 2).reshape(N, T, D))
        return out, (k, v)


class FeedForward(nn.Module):
    def __init__(self, features: int, dropout: float) -> None:
        super().__init__()
        self.fc = nn.Linear(features, 4 * features)
        self.proj = nn.Linear(4 * features, features)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        return self.drop(self.proj(F.gelu(self.fc(x), approximate="tanh")))


class Block(nn.Module):
    def __init__(self, features: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.ln1 = nn.LayerNorm(features)
        self.attention = CausalAttention(features, heads, dropout)
        self.ln2 = nn.LayerNorm(features)
        self.mlp = FeedForward(features, dropout)

    def forward(
        self, x: Tensor, past: Optional[Tuple[Tensor, Tensor]] = None
    ) -> Tuple[Tensor, Tuple[Tensor, Tensor]]:
        attended, cache = self.attention(self.ln1(x), past)
        x = x + attended
        return x + self.mlp(self.ln2(x)), cache


class GPT(nn.Module):
    def __init__(
        self, vocabulary: int, context: int, features: int, layers: int, heads: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.wte = nn.Embedding(vocabulary, features)
        self.wpe = nn.Embedding(context, features)
        self.drop = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(Block(features, heads, dropout) for _ in range(layers))
        self.ln = nn.LayerNorm(features)

    def step(
        self, text: Tensor, caches: Optional[List[Tuple[Tensor, Tensor]]] = None
    ) -> Tuple[Tensor, List[Tuple[Tensor, Tensor]]]:
        start = 0
        if caches is not None:
            start = caches[0][0].size(2)
        places = torch.arange(text.size(1), device=text.device) + start
        x = self.drop(self.wte(text) + self.wpe(places))
        new: List[Tuple[Tensor, Tensor]] = []
        for i, block in enumerate(self.blocks):
            past: Optional[Tuple[Tensor, Tensor]] = None
            if caches is not None:
                past = caches[i]
            x, cache = block(x, past)
            new.append(cache)
        return F.linear(self.ln(x), self.wte.weight), new

    def forward(self, text: Tensor) -> Tensor:
        return self.step(text)[0]

    @torch.jit.export
    def generate(self, text: Tensor, count: int = 4) -> Tensor:
        scores, caches = self.step(text)
        for _ in range(count - 1):
            token = scores[:, -1:].argmax(-1)
            text = torch.cat([text, token], dim=1)
            scores, caches = self.step(token, caches)
        return torch.cat([text, scores[:, -1:].argmax(-1)], dim=1)


def make() -> nn.Module:
    return GPT(vocabulary=50, context=16, features=32, layers=2, heads=4)
