"""Masks of masked_fill, masked_select, attention and indexing."""

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor


def fills(x: Float[Tensor, "B H T S"], m: Bool[Tensor, "B S"], ok: Bool[Tensor, "T S"]) -> None:
    x.masked_fill(ok, 0)  # dims: B H T S
    x.masked_fill(m[:, None, None, :], 0)  # dims: B H T S
    x.masked_fill(m, 0)  # error: [broadcast-dims-differ]
    x.masked_fill(m[:, None], 0)  # error: [broadcast-dims-differ]
    x.masked_fill(ok.t(), 0)  # error: [broadcast-dims-differ]
    torch.masked_select(x, ok)  # dims: _
    x.where(ok, 0)  # dims: B H T S


def attention(
    q: Float[Tensor, "B H T D"], k: Float[Tensor, "B H S D"], m: Bool[Tensor, "T S"], w: Bool[Tensor, "B T"]
) -> None:
    F.scaled_dot_product_attention(q, k, k, attn_mask=m)  # dims: B H T D
    F.scaled_dot_product_attention(q, k, k, attn_mask=m.t())  # error: [mask-differs]
    F.scaled_dot_product_attention(q, k, q)  # error: [contracted-dims-differ]
