"""Attention whose projections are layers, so that they can be quantized as such."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class SplitAttention(nn.Module):
    """What `nn.MultiheadAttention` does, with a Linear for each of its projections, where that holds bare matrices.

    It takes and gives the same, unbatched sequences, both kinds of masks, `need_weights` and `is_causal` included.
    There is no fast path of torch, which would read the weights past the layers.
    """

    def __init__(self, whole: nn.MultiheadAttention) -> None:
        super().__init__()
        self.embed_dim = whole.embed_dim
        self.kdim = whole.kdim
        self.vdim = whole.vdim
        self.num_heads = whole.num_heads
        self.head_dim = whole.head_dim
        self.dropout = whole.dropout
        self.batch_first = whole.batch_first
        self.add_zero_attn = whole.add_zero_attn
        if whole.in_proj_weight is None:
            weights = [whole.q_proj_weight, whole.k_proj_weight, whole.v_proj_weight]
        else:
            weights = list(whole.in_proj_weight.chunk(3))
        biases = [None] * 3 if whole.in_proj_bias is None else list(whole.in_proj_bias.chunk(3))
        self.q_proj = _linear(weights[0], biases[0])
        self.k_proj = _linear(weights[1], biases[1])
        self.v_proj = _linear(weights[2], biases[2])
        self.out_proj = _linear(whole.out_proj.weight, whole.out_proj.bias)
        self.bias_k = whole.bias_k
        self.bias_v = whole.bias_v
        self.training = whole.training

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """The attended values, and the weights that they were attended with, or None."""
        batched = query.dim() == 3
        if not batched:
            query, key, value = query.unsqueeze(0), key.unsqueeze(0), value.unsqueeze(0)
            if key_padding_mask is not None:
                key_padding_mask = key_padding_mask.unsqueeze(0)
        elif not self.batch_first:
            query, key, value = query.transpose(0, 1), key.transpose(0, 1), value.transpose(0, 1)
        batch, steps, heads = query.size(0), query.size(1), self.num_heads
        if is_causal and attn_mask is None:
            raise RuntimeError("Need attn_mask if specifying the is_causal hint.")
        hinted = is_causal and key_padding_mask is None and not need_weights
        mask = self._mask(query, key, None if hinted else attn_mask, key_padding_mask)
        k, v = self.k_proj(key), self.v_proj(value)
        bias_k, bias_v = self.bias_k, self.bias_v
        if bias_k is not None and bias_v is not None:
            k = torch.cat([k, bias_k.expand(batch, 1, k.size(2))], dim=1)
            v = torch.cat([v, bias_v.expand(batch, 1, v.size(2))], dim=1)
        if self.add_zero_attn:
            k = F.pad(k, [0, 0, 0, 1])
            v = F.pad(v, [0, 0, 0, 1])
        if mask is not None:
            # What was added to the keys is seen by all queries.
            mask = F.pad(mask, [0, k.size(1) - mask.size(3)])
        q = self.q_proj(query).view(batch, steps, heads, -1).transpose(1, 2)
        k = k.view(batch, k.size(1), heads, -1).transpose(1, 2)
        v = v.view(batch, v.size(1), heads, -1).transpose(1, 2)
        dropout = self.dropout if self.training else 0.0
        weights: Tensor | None = None
        if need_weights:
            scores = torch.matmul(q * math.sqrt(1.0 / float(q.size(3))), k.transpose(2, 3))
            if mask is not None:
                scores = scores + mask
            attended = F.softmax(scores, dim=-1)
            if dropout > 0.0:
                attended = F.dropout(attended, p=dropout)
            mixed = torch.matmul(attended, v)
            weights = attended.mean(dim=1) if average_attn_weights else attended
            if not batched:
                weights = weights.squeeze(0)
        else:
            mixed = F.scaled_dot_product_attention(q, k, v, mask, dropout, hinted)
        given = self.out_proj(mixed.transpose(1, 2).reshape(batch, steps, self.embed_dim))
        if not batched:
            given = given.squeeze(0)
        elif not self.batch_first:
            given = given.transpose(0, 1)
        return given, weights

    def _mask(
        self, query: Tensor, key: Tensor, attn_mask: Tensor | None, key_padding_mask: Tensor | None
    ) -> Tensor | None:
        """Both masks in one, as what is added to the scores: n or 1, heads or 1, queries or 1, keys."""
        batch, steps, keys = query.size(0), query.size(1), key.size(1)
        mask: Tensor | None = None
        if attn_mask is not None:
            added = _added(attn_mask, query)
            if added.dim() == 2:
                if added.size(0) != steps or added.size(1) != keys:
                    raise RuntimeError(
                        f"The shape of the 2D attn_mask is {attn_mask.size()}, but should be {(steps, keys)}."
                    )
                added = added.unsqueeze(0).unsqueeze(0)
            else:
                added = added.view(batch, self.num_heads, steps, keys)
            mask = added
        if key_padding_mask is not None:
            padding = _added(key_padding_mask, query).view(batch, 1, 1, keys)
            mask = padding if mask is None else mask + padding
        return mask


def _added(mask: Tensor, like: Tensor) -> Tensor:
    """A mask as numbers that are added: minus infinity where a mask of booleans is True."""
    if mask.is_floating_point():
        return mask
    return torch.zeros_like(mask, dtype=like.dtype).masked_fill_(mask, float("-inf"))


def _linear(weight: Tensor, bias: Tensor | None) -> nn.Linear:
    with torch.no_grad():
        made = nn.Linear(weight.size(1), weight.size(0), bias is not None, weight.device, weight.dtype)
        made.weight.copy_(weight)
        if bias is not None:
            made.bias.copy_(bias)
    for one in made.parameters():
        one.requires_grad_(weight.requires_grad)
    return made
