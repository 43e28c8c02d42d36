"""Decoder variants: rotary halves, ALiBi, multi-query and latent attention, sliding windows, caches, LoRA."""

import math
from typing import Optional

import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

Cache = tuple[Float[Tensor, "B kv S hd"], Float[Tensor, "B kv S hd"]]
Grown = tuple[Float[Tensor, "B kv total hd"], Float[Tensor, "B kv total hd"]]


class RotaryEmbedding(nn.Module):
    def __init__(self, dim: int, base: float = 10000.0) -> None:
        super().__init__()
        inv_freq = 1.0 / (base ** (torch.arange(0, dim, 2).float() / dim))
        self.register_buffer("inv_freq", inv_freq, persistent=False)

    def forward(
        self, position_ids: Int[Tensor, "B T"]
    ) -> tuple[Float[Tensor, "B T hd"], Float[Tensor, "B T hd"]]:
        inv_freq_expanded = self.inv_freq[None, :, None].float().expand(position_ids.shape[0], -1, 1)
        position_ids_expanded = position_ids[:, None, :].float()
        freqs = (inv_freq_expanded @ position_ids_expanded).transpose(1, 2)
        emb = torch.cat((freqs, freqs), dim=-1)
        return emb.cos(), emb.sin()


def rotate_half(x: Float[Tensor, "*batch hd"]) -> Float[Tensor, "*batch hd"]:
    """Rotates half the hidden dims of the input."""
    x1 = x[..., : x.shape[-1] // 2]
    x2 = x[..., x.shape[-1] // 2 :]
    return torch.cat((-x2, x1), dim=-1)


def apply_rotary_pos_emb(
    q: Float[Tensor, "B h T hd"],
    k: Float[Tensor, "B kv T hd"],
    cos: Float[Tensor, "B T hd"],
    sin: Float[Tensor, "B T hd"],
) -> tuple[Float[Tensor, "B h T hd"], Float[Tensor, "B kv T hd"]]:
    cos = cos.unsqueeze(1)
    sin = sin.unsqueeze(1)
    q_embed = (q * cos) + (rotate_half(q) * sin)
    k_embed = (k * cos) + (rotate_half(k) * sin)
    return q_embed, k_embed


def get_slopes(n: int) -> list[float]:
    def power_of_2(n: int) -> list[float]:
        start = 2 ** (-(2 ** -(math.log2(n) - 3)))
        return [start * start**i for i in range(n)]

    if math.log2(n).is_integer():
        return power_of_2(n)
    closest = 2 ** math.floor(math.log2(n))
    return power_of_2(closest) + get_slopes(2 * closest)[0::2][: n - closest]


def alibi_bias(n_heads: int, q_len: int, k_len: int) -> Float[Tensor, "{n_heads} {q_len} {k_len}"]:
    slopes = torch.tensor(get_slopes(n_heads))
    q_pos = torch.arange(k_len - q_len, k_len)
    k_pos = torch.arange(k_len)
    distance = (k_pos[None, :] - q_pos[:, None]).clamp(max=0)
    return slopes[:, None, None] * distance[None]


def sliding_mask(q_len: int, k_len: int, window: Optional[int]) -> Bool[Tensor, "{q_len} {k_len}"]:
    i = torch.arange(k_len - q_len, k_len).unsqueeze(-1)
    j = torch.arange(k_len).unsqueeze(0)
    mask = j <= i
    if window is not None:
        mask = mask & (j > i - window)
    return mask


class GroupedAttention(nn.Module):
    def __init__(
        self, dim: int, heads: int, kv_heads: int, position: str = "rotary", window: Optional[int] = None
    ) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.hd = heads, kv_heads, dim // heads
        self.position, self.window = position, window
        self.wqkv = nn.Linear(dim, (heads + 2 * kv_heads) * self.hd, bias=False)
        self.wo = nn.Linear(heads * self.hd, dim, bias=False)
        self.q_norm, self.k_norm = nn.RMSNorm(self.hd), nn.RMSNorm(self.hd)
        self.rotary = RotaryEmbedding(self.hd) if position == "rotary" else None

    def forward(
        self, x: Float[Tensor, "B T D"], cache: Optional[Cache] = None
    ) -> tuple[Float[Tensor, "B T D"], Grown]:
        bsz, seqlen, _ = x.shape
        kv_size = self.kv_heads * self.hd
        q, k, v = self.wqkv(x).split([self.heads * self.hd, kv_size, kv_size], dim=-1)
        q: Float[Tensor, "B h T hd"] = self.q_norm(q.view(bsz, seqlen, self.heads, self.hd)).transpose(1, 2)
        k, v = (t.view(bsz, seqlen, self.kv_heads, self.hd).transpose(1, 2) for t in (k, v))
        k = self.k_norm(k)
        past = 0 if cache is None else cache[0].size(2)
        if self.rotary is not None:
            positions = torch.arange(past, past + seqlen).expand(bsz, -1)
            cos, sin = self.rotary(positions)
            q, k = apply_rotary_pos_emb(q, k, cos, sin)
        if cache is not None:
            k = torch.cat([cache[0], k], dim=2)
            v = torch.cat([cache[1], v], dim=2)
        total = k.size(2)
        q = q.view(bsz, self.kv_heads, self.heads // self.kv_heads, seqlen, self.hd)
        scores = torch.einsum("bgrqd,bgkd->bgrqk", q, k) / math.sqrt(self.hd)
        if self.position == "alibi":
            bias = alibi_bias(self.heads, seqlen, total)
            scores = scores + bias.view(self.kv_heads, -1, seqlen, total)
        scores = scores.masked_fill(~sliding_mask(seqlen, total, self.window), float("-inf"))
        probs = F.softmax(scores, dim=-1, dtype=torch.float32).to(q.dtype)
        out = torch.einsum("bgrqk,bgkd->bqgrd", probs, v).reshape(bsz, seqlen, self.heads * self.hd)
        return self.wo(out), (k, v)


class LatentAttention(nn.Module):
    """Keys and values are expanded from a small latent; a part of the query carries the position."""

    def __init__(self, dim: int, heads: int, kv_lora_rank: int = 6, nope: int = 4, rope: int = 2) -> None:
        super().__init__()
        self.n_heads, self.nope, self.rope = heads, nope, rope
        self.kv_lora_rank = kv_lora_rank
        self.wq = nn.Linear(dim, heads * (nope + rope))
        self.wkv_a = nn.Linear(dim, kv_lora_rank + rope)
        self.kv_norm = nn.RMSNorm(kv_lora_rank)
        self.wkv_b = nn.Linear(kv_lora_rank, heads * (nope + nope))
        self.wo = nn.Linear(heads * nope, dim)
        self.rotary = RotaryEmbedding(rope)

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B T D"]:
        bsz, seqlen, _ = x.size()
        q = self.wq(x).view(bsz, seqlen, self.n_heads, self.nope + self.rope).transpose(1, 2)
        q_nope, q_pe = torch.split(q, [self.nope, self.rope], dim=-1)
        kv, k_pe = torch.split(self.wkv_a(x), [self.kv_lora_rank, self.rope], dim=-1)
        cos, sin = self.rotary(torch.arange(seqlen).unsqueeze(0).repeat(bsz, 1))
        q_pe, k_pe = apply_rotary_pos_emb(q_pe, k_pe.unsqueeze(1), cos, sin)
        kv = self.wkv_b(self.kv_norm(kv)).view(bsz, seqlen, self.n_heads, 2 * self.nope).transpose(1, 2)
        k_nope, v = kv.chunk(2, dim=-1)
        q = torch.cat([q_nope, q_pe], dim=-1)
        k = torch.cat([k_nope, k_pe.expand(-1, self.n_heads, -1, -1)], dim=-1)
        out = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.wo(out.transpose(1, 2).flatten(2))


class LoRALinear(nn.Linear):
    def __init__(self, in_features: int, out_features: int, r: int = 0, lora_alpha: int = 1) -> None:
        super().__init__(in_features, out_features)
        self.r = r
        if r > 0:
            self.lora_A = nn.Parameter(self.weight.new_zeros((r, in_features)))
            self.lora_B = nn.Parameter(self.weight.new_zeros((out_features, r)))
            self.scaling = lora_alpha / self.r
            self.weight.requires_grad = False
            nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
        self.merged = False

    def merge(self) -> None:
        if self.r > 0 and not self.merged:
            self.weight.data += (self.lora_B @ self.lora_A) * self.scaling
            self.merged = True

    def forward(self, x: Float[Tensor, "*batch in_features"]) -> Float[Tensor, "*batch out_features"]:
        if self.r > 0 and not self.merged:
            result = super().forward(x)
            result += (x @ self.lora_A.transpose(0, 1) @ self.lora_B.transpose(0, 1)) * self.scaling
            return result
        return F.linear(x, self.weight, self.bias)


class ParallelBlock(nn.Module):
    """Attention and feed forward beside each other."""

    def __init__(self, dim: int, attention: GroupedAttention) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.attention = attention
        self.up, self.down = LoRALinear(dim, 8 * dim, r=2), LoRALinear(4 * dim, dim, r=2)

    def forward(
        self, x: Float[Tensor, "B T D"], cache: Optional[Cache] = None
    ) -> tuple[Float[Tensor, "B T D"], Grown]:
        h = self.norm(x)
        attended, cache = self.attention(h, cache)
        value, gate = self.up(h).chunk(2, dim=-1)
        return x + attended + self.down(value * F.gelu(gate)), cache


def main() -> None:
    torch.manual_seed(0)
    for options in ((4, "rotary", None), (2, "alibi", None), (1, "rotary", 3)):
        block = ParallelBlock(24, GroupedAttention(24, 4, *options))
        for b, t in ((2, 6), (3, 9)):
            x = torch.randn(b, t, 24)
            full, _ = block(x)
            cache, parts = None, []
            for i in range(t):
                part, cache = block(x[:, i : i + 1], cache)
                parts.append(part)
            print(tuple(full.shape), torch.allclose(full, torch.cat(parts, 1), atol=1e-4))
            print(tuple(LatentAttention(24, 3)(x).shape))
        block.up.merge()
        print(tuple(block(x)[0].shape))


if __name__ == "__main__":
    main()
