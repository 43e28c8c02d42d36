"""The Vision Transformer of `tests/models/vit.py` in plain positions, as written by hand."""

import torch
from torch import Tensor, nn


class Attention(nn.Module):
    def __init__(self, features: int, heads: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.heads = heads
        self.scale = (features // heads) ** -0.5
        self.qkv = nn.Linear(features, 3 * features)
        self.proj = nn.Linear(features, features)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        N, T, D = x.shape
        qkv = self.qkv(x).reshape(N, T, 3, self.heads, D // self.heads).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)
        scores = (q * self.scale) @ k.transpose(-2, -1)
        weights = self.drop(scores.softmax(-1))
        return self.proj((weights @ v).transpose(1, 2).reshape(N, T, D))


class Mlp(nn.Module):
    def __init__(self, features: int, hidden: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.fc1 = nn.Linear(features, hidden)
        self.act = nn.GELU()
        self.fc2 = nn.Linear(hidden, features)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        return self.drop(self.fc2(self.drop(self.act(self.fc1(x)))))


class Block(nn.Module):
    def __init__(self, features: int, heads: int, mlp_ratio: float = 4.0, dropout: float = 0.0) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(features)
        self.attention = Attention(features, heads, dropout)
        self.norm2 = nn.LayerNorm(features)
        self.mlp = Mlp(features, int(features * mlp_ratio), dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class VisionTransformer(nn.Module):
    def __init__(
        self,
        image_size: int = 224,
        patch: int = 16,
        channels: int = 3,
        classes: int = 1000,
        features: int = 192,
        depth: int = 12,
        heads: int = 3,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.patch = patch
        self.embed = nn.Linear(channels * patch * patch, features)
        self.class_token = nn.Parameter(torch.zeros(features))
        self.positions = nn.Parameter(torch.empty((image_size // patch) ** 2 + 1, features))
        self.drop = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(Block(features, heads, dropout=dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(features)
        self.head = nn.Linear(features, classes)

    def patches(self, images: Tensor) -> Tensor:
        N, C, H, W = images.shape
        p = self.patch
        cut = images.reshape(N, C, H // p, p, W // p, p).permute(0, 2, 4, 3, 5, 1)
        return cut.reshape(N, (H // p) * (W // p), p * p * C)

    def forward(self, images: Tensor) -> Tensor:
        x = self.embed(self.patches(images))
        token = self.class_token.expand(images.size(0), 1, -1)
        x = self.drop(torch.cat([token, x], dim=1) + self.positions)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x)[:, 0])


def make() -> nn.Module:
    return VisionTransformer(image_size=32, patch=8, classes=10, features=48, depth=3, heads=4)
