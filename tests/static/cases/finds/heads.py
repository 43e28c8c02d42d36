"""Arithmetic of attention heads."""

import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.heads, self.width = 8, 64
        self.qkv = nn.Linear(512, 3 * 512)
        self.attention = nn.MultiheadAttention(512, 8, batch_first=True)
        self.out = nn.Linear(512, 512)

    def right(self, x: Float[Tensor, "B T 512"]) -> Float[Tensor, "B T 512"]:
        b, t, c = x.shape
        qkv = self.qkv(x).reshape(b, t, 3, self.heads, self.width).permute(2, 0, 3, 1, 4)  # dims: 3 B 8 T 64
        q, k, v = qkv[0], qkv[1], qkv[2]  # dims: B 8 T 64  # dims: B 8 T 64  # dims: B 8 T 64
        y = F.scaled_dot_product_attention(q, k, v)  # dims: B 8 T 64
        z = y.transpose(1, 2).flatten(2)  # dims: B T 512
        return self.out(z)

    def of_torch(self, x: Float[Tensor, "B T 512"], m: Float[Tensor, "B S 512"]) -> Float[Tensor, "B T 512"]:
        y, weights = self.attention(x, m, m)  # dims: B T 512  # dims: B T S
        self.attention(x, m, x)  # error: [contracted-dims-differ]
        self.attention(x[..., :256], m, m)  # error: [contracted-dims-differ]
        return y + weights.mean()

    def too_wide(self, x: Float[Tensor, "B T 512"]) -> Tensor:
        b, t, _ = x.shape
        return self.qkv(x).view(b, t, 3, self.heads, 48)  # error: [elements-differ]

    def one_head_only(self, x: Float[Tensor, "B T 512"]) -> Tensor:
        b, t, _ = x.shape
        q = self.qkv(x).view(b, t, 3, self.heads, self.width).unbind(2)[0].transpose(1, 2)  # dims: B 8 T 64
        return self.out(q)  # error: [contracted-dims-differ]
