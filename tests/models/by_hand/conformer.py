"""The conformer, in positions."""

import math

import torch
from torch import Tensor, nn

BANDS, FEATURES, HEADS, LAYERS = 20, 48, 4, 2


class FeedForward(nn.Module):
    def __init__(self, features: int, expansion: int = 4, dropout: float = 0.1) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(features)
        self.widen = nn.Linear(features, expansion * features)
        self.narrow = nn.Linear(expansion * features, features)
        self.act = nn.SiLU()
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        y = self.dropout(self.act(self.widen(self.norm(x))))
        return x + 0.5 * self.dropout(self.narrow(y))


def sinusoids(steps: int, like: Tensor) -> Tensor:
    half = like.size(2) // 2
    distance = torch.arange(steps - 1, -steps, -1, dtype=like.dtype, device=like.device)
    place = torch.arange(half, dtype=like.dtype, device=like.device)
    angle = distance.unsqueeze(1) * torch.exp(place * (-math.log(10000.0) / half))
    return torch.cat([angle.sin(), angle.cos()], 1)


class RelativeAttention(nn.Module):
    def __init__(self, features: int, heads: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.heads = heads
        self.scale = 1 / math.sqrt(features // heads)
        self.norm = nn.LayerNorm(features)
        self.qkv = nn.Linear(features, 3 * features)
        self.place = nn.Linear(features, features, bias=False)
        self.out = nn.Linear(features, features)
        self.content_bias = nn.Parameter(torch.zeros(heads, features // heads))
        self.place_bias = nn.Parameter(torch.zeros(heads, features // heads))
        self.dropout = nn.Dropout(dropout)

    def shifted(self, scores: Tensor) -> Tensor:
        n, h, t, r = scores.shape
        padded = torch.cat([torch.zeros_like(scores[..., :1]), scores], 3)
        rolled = padded.view(n, h, t * (r + 1))[:, :, t:].view(n, h, t, r)
        return rolled[..., :t]

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        q, k, v = self.qkv(self.norm(x)).unflatten(2, (3, self.heads, -1)).unbind(2)
        places = self.place(sinusoids(x.size(1), x)).unflatten(1, (self.heads, -1))

        by_content = torch.einsum("nthd,nshd->nhts", q + self.content_bias, k)
        by_place = torch.einsum("nthd,rhd->nhtr", q + self.place_bias, places)
        scores = (by_content + self.shifted(by_place)) * self.scale
        scores = scores.masked_fill(~mask[:, None, None, :], -1e9)
        weights = self.dropout(scores.softmax(3))
        context = torch.einsum("nhts,nshd->nthd", weights, v)
        return x + self.dropout(self.out(context.flatten(2)))


class ConvolutionModule(nn.Module):
    def __init__(self, features: int, kernel: int = 7, dropout: float = 0.1) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(features)
        self.gate = nn.Linear(features, 2 * features)
        self.depthwise = nn.Conv1d(features, features, kernel, padding=kernel // 2, groups=features)
        self.batch_norm = nn.BatchNorm1d(features)
        self.act = nn.SiLU()
        self.mix = nn.Linear(features, features)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        content, gate = self.gate(self.norm(x)).chunk(2, 2)
        y = (content * gate.sigmoid()).masked_fill(~mask.unsqueeze(2), 0.0)
        y = self.act(self.batch_norm(self.depthwise(y.transpose(1, 2))))
        return x + self.dropout(self.mix(y.transpose(1, 2)))


class ConformerBlock(nn.Module):
    def __init__(self, features: int, heads: int) -> None:
        super().__init__()
        self.before = FeedForward(features)
        self.attention = RelativeAttention(features, heads)
        self.convolution = ConvolutionModule(features)
        self.after = FeedForward(features)
        self.norm = nn.LayerNorm(features)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        x = self.before(x)
        x = self.attention(x, mask)
        x = self.convolution(x, mask)
        return self.norm(self.after(x))


class Conformer(nn.Module):
    def __init__(self, bands: int, features: int, heads: int, layers: int) -> None:
        super().__init__()
        self.embed = nn.Linear(bands, features)
        self.blocks = nn.ModuleList(ConformerBlock(features, heads) for _ in range(layers))

    def forward(self, sound: Tensor, lengths: Tensor) -> Tensor:
        mask = torch.arange(sound.size(1), device=sound.device) < lengths.unsqueeze(1)
        x = self.embed(sound)
        for block in self.blocks:
            x = block(x, mask)
        return x * mask.unsqueeze(2)


def make() -> nn.Module:
    torch.manual_seed(0)
    return Conformer(BANDS, FEATURES, HEADS, LAYERS)
