"""Perceiver: latents attend to Fourier-encoded inputs of any rank, with einops throughout."""

from functools import wraps
from math import log, pi
from typing import Optional

import torch
import torch.nn.functional as F
from einops import rearrange, reduce, repeat
from jaxtyping import Bool, Float
from torch import Tensor, einsum, nn


def exists(val):
    return val is not None


def default(val, d):
    return val if exists(val) else d


def cache_fn(f):
    cache = {}

    @wraps(f)
    def cached_fn(*args, _cache=True, key=None, **kwargs):
        if not _cache:
            return f(*args, **kwargs)
        if key in cache:
            return cache[key]
        result = f(*args, **kwargs)
        cache[key] = result
        return result

    return cached_fn


def fourier_encode(
    x: Float[Tensor, "*axes"], max_freq: float, num_bands: int = 4
) -> Float[Tensor, "*axes F"]:
    x = x.unsqueeze(-1)
    dtype, orig_x = x.dtype, x
    scales = torch.linspace(1.0, max_freq / 2, num_bands, dtype=dtype)
    scales = scales[(*((None,) * (len(x.shape) - 1)), Ellipsis)]
    x = x * scales * pi
    x = torch.cat([x.sin(), x.cos()], dim=-1)
    x = torch.cat((x, orig_x), dim=-1)
    return x


class PreNorm(nn.Module):
    def __init__(self, dim: int, fn: nn.Module, context_dim: Optional[int] = None) -> None:
        super().__init__()
        self.fn = fn
        self.norm = nn.LayerNorm(dim)
        self.norm_context = nn.LayerNorm(context_dim) if exists(context_dim) else None

    def forward(self, x: Float[Tensor, "b n dim"], **kwargs) -> Float[Tensor, "b n dim"]:
        x = self.norm(x)
        if exists(self.norm_context):
            context = kwargs["context"]
            normed_context = self.norm_context(context)
            kwargs.update(context=normed_context)
        return self.fn(x, **kwargs)


class GEGLU(nn.Module):
    def forward(self, x: Float[Tensor, "*b d2"]) -> Float[Tensor, "*b d2//2"]:
        x, gates = x.chunk(2, dim=-1)
        return x * F.gelu(gates)


class FeedForward(nn.Module):
    def __init__(self, dim: int, mult: int = 4, dropout: float = 0.0) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(dim, dim * mult * 2), GEGLU(), nn.Linear(dim * mult, dim), nn.Dropout(dropout)
        )

    def forward(self, x: Float[Tensor, "b n dim"]) -> Float[Tensor, "b n dim"]:
        return self.net(x)


class Attention(nn.Module):
    def __init__(
        self,
        query_dim: int,
        context_dim: Optional[int] = None,
        heads: int = 8,
        dim_head: int = 64,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        inner_dim = dim_head * heads
        context_dim = default(context_dim, query_dim)
        self.scale = dim_head**-0.5
        self.heads = heads
        self.to_q = nn.Linear(query_dim, inner_dim, bias=False)
        self.to_kv = nn.Linear(context_dim, inner_dim * 2, bias=False)
        self.dropout = nn.Dropout(dropout)
        self.to_out = nn.Linear(inner_dim, query_dim)

    def forward(
        self,
        x: Float[Tensor, "b n query_dim"],
        context: Optional[Float[Tensor, "b m c"]] = None,
        mask: Optional[Bool[Tensor, "b *axes"]] = None,
    ) -> Float[Tensor, "b n query_dim"]:
        h = self.heads
        q = self.to_q(x)
        context = default(context, x)
        k, v = self.to_kv(context).chunk(2, dim=-1)
        q, k, v = (rearrange(t, "b n (h d) -> (b h) n d", h=h) for t in (q, k, v))
        sim = einsum("b i d, b j d -> b i j", q, k) * self.scale
        if exists(mask):
            mask = rearrange(mask, "b ... -> b (...)")
            max_neg_value = -torch.finfo(sim.dtype).max
            mask = repeat(mask, "b j -> (b h) () j", h=h)
            sim.masked_fill_(~mask, max_neg_value)
        attn = sim.softmax(dim=-1)
        attn = self.dropout(attn)
        out = einsum("b i j, b j d -> b i d", attn, v)
        out = rearrange(out, "(b h) n d -> b n (h d)", h=h)
        return self.to_out(out)


class Perceiver(nn.Module):
    def __init__(
        self,
        *,
        num_freq_bands: int,
        depth: int,
        max_freq: float,
        input_channels: int = 3,
        input_axis: int = 2,
        num_latents: int = 512,
        latent_dim: int = 512,
        num_classes: int = 1000,
        weight_tie_layers: bool = False,
        fourier_encode_data: bool = True,
    ) -> None:
        super().__init__()
        self.input_axis = input_axis
        self.max_freq = max_freq
        self.num_freq_bands = num_freq_bands
        self.fourier_encode_data = fourier_encode_data
        fourier_channels = (input_axis * ((num_freq_bands * 2) + 1)) if fourier_encode_data else 0
        input_dim = fourier_channels + input_channels
        self.latents = nn.Parameter(torch.randn(num_latents, latent_dim))
        get_cross_attn = lambda: PreNorm(  # noqa: E731
            latent_dim, Attention(latent_dim, input_dim, heads=1, dim_head=16), context_dim=input_dim
        )
        get_cross_ff = lambda: PreNorm(latent_dim, FeedForward(latent_dim))  # noqa: E731
        get_latent_attn = lambda: PreNorm(latent_dim, Attention(latent_dim, heads=4, dim_head=8))  # noqa: E731
        get_latent_ff = lambda: PreNorm(latent_dim, FeedForward(latent_dim))  # noqa: E731
        get_cross_attn, get_cross_ff, get_latent_attn, get_latent_ff = map(
            cache_fn, (get_cross_attn, get_cross_ff, get_latent_attn, get_latent_ff)
        )
        self.layers = nn.ModuleList([])
        for i in range(depth):
            cache_args = {"_cache": i > 0 and weight_tie_layers}
            self_attns = nn.ModuleList([])
            for block_ind in range(2):
                self_attns.append(
                    nn.ModuleList(
                        [
                            get_latent_attn(**cache_args, key=block_ind),
                            get_latent_ff(**cache_args, key=block_ind),
                        ]
                    )
                )
            self.layers.append(
                nn.ModuleList([get_cross_attn(**cache_args), get_cross_ff(**cache_args), self_attns])
            )
        self.norm = nn.LayerNorm(latent_dim)
        self.to_logits = nn.Linear(latent_dim, num_classes)

    def forward(
        self,
        data: Float[Tensor, "b *axes c"],
        mask: Optional[Bool[Tensor, "b *axes"]] = None,
        return_embeddings: bool = False,
    ) -> Float[Tensor, "b *out"]:
        b, *axis, _ = data.shape
        assert len(axis) == self.input_axis, "input data must have the right number of axis"
        if self.fourier_encode_data:
            axis_pos = [torch.linspace(-1.0, 1.0, steps=size) for size in axis]
            pos = torch.stack(torch.meshgrid(*axis_pos, indexing="ij"), dim=-1)
            enc_pos = fourier_encode(pos, self.max_freq, self.num_freq_bands)
            enc_pos = rearrange(enc_pos, "... n d -> ... (n d)")
            enc_pos = repeat(enc_pos, "... -> b ...", b=b)
            data = torch.cat((data, enc_pos), dim=-1)
        data = rearrange(data, "b ... d -> b (...) d")
        x = repeat(self.latents, "n d -> b n d", b=b)
        for cross_attn, cross_ff, self_attns in self.layers:
            x = cross_attn(x, context=data, mask=mask) + x
            x = cross_ff(x) + x
            for self_attn, self_ff in self_attns:
                x = self_attn(x) + x
                x = self_ff(x) + x
        if return_embeddings:
            return x
        return self.to_logits(self.norm(reduce(x, "b n d -> b d", "mean")))


def learned_frequencies(length: int, dim: int) -> Float[Tensor, "{length} {dim}"]:
    position = torch.arange(length).unsqueeze(1)
    div_term = torch.exp(torch.arange(0, dim, 2) * -(log(10000.0) / dim))
    table = torch.zeros(length, dim)
    table[:, 0::2] = torch.sin(position * div_term)
    table[:, 1::2] = torch.cos(position * div_term)
    return table


def main() -> None:
    torch.manual_seed(0)
    for tie in (False, True):
        model = Perceiver(
            num_freq_bands=3,
            depth=2,
            max_freq=10.0,
            num_latents=6,
            latent_dim=20,
            num_classes=5,
            weight_tie_layers=tie,
        )
        for b, h, w in ((2, 5, 7), (3, 4, 4)):
            print(tuple(model(torch.randn(b, h, w, 3), torch.rand(b, h, w) > 0.1).shape))
    audio = Perceiver(
        num_freq_bands=2, depth=1, max_freq=4.0, input_channels=1, input_axis=1, num_latents=4, latent_dim=12
    )
    print(
        tuple(audio(torch.randn(2, 30, 1), return_embeddings=True).shape),
        tuple(learned_frequencies(9, 4).shape),
    )


if __name__ == "__main__":
    main()
