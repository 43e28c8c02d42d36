"""The Swin Transformer of `tests/models/swin.py` in plain positions, as written by hand."""

from typing import Optional

import torch
from torch import Tensor, nn


def windows(x: Tensor, size: int) -> Tensor:
    N, H, W, D = x.shape
    cut = x.view(N, H // size, size, W // size, size, D).permute(0, 1, 3, 2, 4, 5)
    return cut.reshape(-1, size * size, D)


def relative_places(window: int) -> Tensor:
    places = torch.stack(torch.meshgrid(torch.arange(window), torch.arange(window), indexing="ij")).flatten(1)
    offsets = places[:, :, None] - places[:, None, :] + window - 1
    return offsets[0] * (2 * window - 1) + offsets[1]


class WindowAttention(nn.Module):
    relative: Tensor

    def __init__(self, features: int, window: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.scale = (features // heads) ** -0.5
        self.table = nn.Parameter(torch.zeros((2 * window - 1) ** 2, heads))
        self.register_buffer("relative", relative_places(window), persistent=False)
        self.qkv = nn.Linear(features, 3 * features)
        self.proj = nn.Linear(features, features)

    def forward(self, x: Tensor, mask: Optional[Tensor] = None) -> Tensor:
        B, T, D = x.shape
        qkv = self.qkv(x).reshape(B, T, 3, self.heads, D // self.heads).permute(2, 0, 3, 1, 4)
        q, k, v = qkv[0], qkv[1], qkv[2]
        scores = (q @ k.transpose(-2, -1)) * self.scale
        scores = scores + self.table[self.relative].permute(2, 0, 1)
        if mask is not None:
            places = mask.size(0)
            apart = scores.view(B // places, places, self.heads, T, T)
            apart = apart.masked_fill(mask[:, None], -100.0)
            scores = apart.view(B, self.heads, T, T)
        mixed = scores.softmax(-1) @ v
        return self.proj(mixed.transpose(1, 2).reshape(B, T, D))


class SwinBlock(nn.Module):
    def __init__(
        self, features: int, heads: int, window: int = 7, shift: int = 0, mlp_ratio: float = 4.0
    ) -> None:
        super().__init__()
        self.window = window
        self.shift = shift
        self.norm1 = nn.LayerNorm(features)
        self.attention = WindowAttention(features, window, heads)
        self.norm2 = nn.LayerNorm(features)
        hidden = int(features * mlp_ratio)
        self.mlp = nn.Sequential(nn.Linear(features, hidden), nn.GELU(), nn.Linear(hidden, features))

    def mask(self, H: int, W: int) -> Tensor:
        rows, columns = torch.zeros(H), torch.zeros(W)
        rows[-self.window : -self.shift] = 1.0
        rows[-self.shift :] = 2.0
        columns[-self.window : -self.shift] = 1.0
        columns[-self.shift :] = 2.0
        regions = 3 * rows[:, None] + columns
        region = windows(regions[None, :, :, None], self.window)[:, :, 0]
        return region[:, :, None] != region[:, None, :]

    def forward(self, x: Tensor) -> Tensor:
        N, H, W, D = x.shape
        y = self.norm1(x)
        mask: Optional[Tensor] = None
        if self.shift > 0:
            y = torch.roll(y, (-self.shift, -self.shift), (1, 2))
            mask = self.mask(H, W)
        y = self.attention(windows(y, self.window), mask)
        size = self.window
        y = y.view(N, H // size, W // size, size, size, D).permute(0, 1, 3, 2, 4, 5).reshape(N, H, W, D)
        if self.shift > 0:
            y = torch.roll(y, (self.shift, self.shift), (1, 2))
        x = x + y
        return x + self.mlp(self.norm2(x))


class PatchMerging(nn.Module):
    def __init__(self, features: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(4 * features)
        self.reduction = nn.Linear(4 * features, 2 * features, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        corners = [x[:, 0::2, 0::2], x[:, 1::2, 0::2], x[:, 0::2, 1::2], x[:, 1::2, 1::2]]
        return self.reduction(self.norm(torch.cat(corners, -1)))


class Swin(nn.Module):
    def __init__(
        self, patch: int, classes: int, features: int, depths: tuple[int, ...], heads: int, window: int
    ) -> None:
        super().__init__()
        self.embed = nn.Conv2d(3, features, patch, stride=patch)
        layers: list[nn.Module] = []
        for stage, depth in enumerate(depths):
            if stage > 0:
                layers.append(PatchMerging(features))
                features, heads = 2 * features, 2 * heads
            shifts = [0 if i % 2 == 0 else window // 2 for i in range(depth)]
            layers += [SwinBlock(features, heads, window, shift) for shift in shifts]
        self.layers = nn.Sequential(*layers)
        self.norm = nn.LayerNorm(features)
        self.head = nn.Linear(features, classes)

    def forward(self, images: Tensor) -> Tensor:
        x = self.norm(self.layers(self.embed(images).permute(0, 2, 3, 1)))
        return self.head(x.mean((1, 2)))


def make() -> nn.Module:
    return Swin(patch=2, classes=10, features=24, depths=(2, 2), heads=3, window=4)
