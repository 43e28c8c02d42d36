"""T5: relative position buckets shared by layers, RMS norm without bias, gated feed forward, cached decoding."""

import math
from typing import Optional

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

PastKeyValue = tuple[Tensor, Tensor]


class T5LayerNorm(nn.Module):
    def __init__(self, hidden_size: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(hidden_size))
        self.variance_epsilon = eps

    def forward(self, hidden_states: Float[Tensor, "*B D"]) -> Float[Tensor, "*B D"]:
        variance = hidden_states.to(torch.float32).pow(2).mean(-1, keepdim=True)
        hidden_states = hidden_states * torch.rsqrt(variance + self.variance_epsilon)
        if self.weight.dtype in [torch.float16, torch.bfloat16]:
            hidden_states = hidden_states.to(self.weight.dtype)
        return self.weight * hidden_states


class T5DenseGatedActDense(nn.Module):
    def __init__(self, d_model: int, d_ff: int, dropout_rate: float) -> None:
        super().__init__()
        self.wi_0 = nn.Linear(d_model, d_ff, bias=False)
        self.wi_1 = nn.Linear(d_model, d_ff, bias=False)
        self.wo = nn.Linear(d_ff, d_model, bias=False)
        self.dropout = nn.Dropout(dropout_rate)
        self.act = nn.GELU(approximate="tanh")

    def forward(self, hidden_states: Float[Tensor, "B T d_model"]) -> Float[Tensor, "B T d_model"]:
        hidden_gelu = self.act(self.wi_0(hidden_states))
        hidden_linear = self.wi_1(hidden_states)
        hidden_states = hidden_gelu * hidden_linear
        hidden_states = self.dropout(hidden_states)
        return self.wo(hidden_states)


class T5Attention(nn.Module):
    def __init__(
        self,
        d_model: int,
        d_kv: int,
        num_heads: int,
        is_decoder: bool,
        has_relative_attention_bias: bool = False,
    ) -> None:
        super().__init__()
        self.is_decoder = is_decoder
        self.has_relative_attention_bias = has_relative_attention_bias
        self.relative_attention_num_buckets = 32
        self.relative_attention_max_distance = 128
        self.key_value_proj_dim = d_kv
        self.n_heads = num_heads
        self.inner_dim = self.n_heads * self.key_value_proj_dim
        self.q = nn.Linear(d_model, self.inner_dim, bias=False)
        self.k = nn.Linear(d_model, self.inner_dim, bias=False)
        self.v = nn.Linear(d_model, self.inner_dim, bias=False)
        self.o = nn.Linear(self.inner_dim, d_model, bias=False)
        if self.has_relative_attention_bias:
            self.relative_attention_bias = nn.Embedding(self.relative_attention_num_buckets, self.n_heads)

    @staticmethod
    def _relative_position_bucket(
        relative_position: Int[Tensor, "Q K"],
        bidirectional: bool = True,
        num_buckets: int = 32,
        max_distance: int = 128,
    ) -> Int[Tensor, "Q K"]:
        relative_buckets = 0
        if bidirectional:
            num_buckets //= 2
            relative_buckets += (relative_position > 0).to(torch.long) * num_buckets
            relative_position = torch.abs(relative_position)
        else:
            relative_position = -torch.min(relative_position, torch.zeros_like(relative_position))
        max_exact = num_buckets // 2
        is_small = relative_position < max_exact
        relative_position_if_large = max_exact + (
            torch.log(relative_position.float() / max_exact)
            / math.log(max_distance / max_exact)
            * (num_buckets - max_exact)
        ).to(torch.long)
        relative_position_if_large = torch.min(
            relative_position_if_large, torch.full_like(relative_position_if_large, num_buckets - 1)
        )
        relative_buckets += torch.where(is_small, relative_position, relative_position_if_large)
        return relative_buckets

    def compute_bias(
        self, query_length: int, key_length: int
    ) -> Float[Tensor, "1 h {query_length} {key_length}"]:
        context_position = torch.arange(query_length, dtype=torch.long)[:, None]
        memory_position = torch.arange(key_length, dtype=torch.long)[None, :]
        relative_position = memory_position - context_position  # shape (query_length, key_length)
        relative_position_bucket = self._relative_position_bucket(
            relative_position,
            bidirectional=(not self.is_decoder),
            num_buckets=self.relative_attention_num_buckets,
            max_distance=self.relative_attention_max_distance,
        )
        values = self.relative_attention_bias(
            relative_position_bucket
        )  # (query_length, key_length, num_heads)
        values = values.permute([2, 0, 1]).unsqueeze(0)  # (1, num_heads, query_length, key_length)
        return values

    def forward(
        self,
        hidden_states: Float[Tensor, "B T D"],
        mask: Optional[Float[Tensor, "B 1 #T S"]] = None,
        key_value_states: Optional[Float[Tensor, "B S D"]] = None,
        position_bias: Optional[Float[Tensor, "#B h T S"]] = None,
        past: Optional[PastKeyValue] = None,
    ) -> tuple[Float[Tensor, "B T D"], PastKeyValue, Float[Tensor, "#B h T S"]]:
        batch_size, seq_length = hidden_states.shape[:2]
        real_seq_length = seq_length
        if past is not None:
            real_seq_length += past[0].shape[2]
        key_length = real_seq_length if key_value_states is None else key_value_states.shape[1]

        def shape(states: Tensor) -> Tensor:
            return states.view(batch_size, -1, self.n_heads, self.key_value_proj_dim).transpose(1, 2)

        def unshape(states: Tensor) -> Tensor:
            return states.transpose(1, 2).contiguous().view(batch_size, -1, self.inner_dim)

        query_states = shape(self.q(hidden_states))  # (batch_size, n_heads, seq_length, dim_per_head)
        source = hidden_states if key_value_states is None else key_value_states
        key_states, value_states = shape(self.k(source)), shape(self.v(source))
        if past is not None and key_value_states is None:
            key_states = torch.cat([past[0], key_states], dim=2)
            value_states = torch.cat([past[1], value_states], dim=2)
        scores = torch.matmul(query_states, key_states.transpose(3, 2))
        if position_bias is None:
            if not self.has_relative_attention_bias:
                position_bias = torch.zeros(
                    (1, self.n_heads, real_seq_length, key_length), dtype=scores.dtype
                )
            else:
                position_bias = self.compute_bias(real_seq_length, key_length)
            if past is not None:
                position_bias = position_bias[:, :, -hidden_states.size(1) :, :]
            if mask is not None:
                position_bias = position_bias + mask  # (batch_size, n_heads, seq_length, key_length)
        scores += position_bias
        attn_weights = nn.functional.softmax(scores.float(), dim=-1).type_as(scores)
        attn_output = unshape(torch.matmul(attn_weights, value_states))
        return self.o(attn_output), (key_states, value_states), position_bias


class T5Block(nn.Module):
    def __init__(self, d_model: int, d_kv: int, heads: int, is_decoder: bool, first: bool) -> None:
        super().__init__()
        self.norm, self.ff_norm = T5LayerNorm(d_model), T5LayerNorm(d_model)
        self.self_attention = T5Attention(d_model, d_kv, heads, is_decoder, has_relative_attention_bias=first)
        self.cross_norm = T5LayerNorm(d_model) if is_decoder else None
        self.cross_attention = T5Attention(d_model, d_kv, heads, is_decoder) if is_decoder else None
        self.ff = T5DenseGatedActDense(d_model, 4 * d_model, 0.1)

    def forward(
        self,
        x: Float[Tensor, "B T D"],
        mask,
        bias,
        memory: Optional[Float[Tensor, "B M D"]] = None,
        past=None,
    ) -> tuple[Float[Tensor, "B T D"], PastKeyValue, Tensor]:
        attended, present, bias = self.self_attention(self.norm(x), mask, position_bias=bias, past=past)
        x = x + attended
        if self.cross_attention is not None:
            x = x + self.cross_attention(self.cross_norm(x), key_value_states=memory)[0]
        return x + self.ff(self.ff_norm(x)), present, bias


class T5Stack(nn.Module):
    def __init__(
        self, embed: nn.Embedding, d_kv: int, heads: int, layers: int, is_decoder: bool = False
    ) -> None:
        super().__init__()
        self.embed_tokens = embed
        d_model = embed.embedding_dim
        self.is_decoder = is_decoder
        self.block = nn.ModuleList([T5Block(d_model, d_kv, heads, is_decoder, i == 0) for i in range(layers)])
        self.final_layer_norm = T5LayerNorm(d_model)

    def get_extended_attention_mask(self, attention_mask: Bool[Tensor, "B S"]) -> Float[Tensor, "B 1 #S S"]:
        if self.is_decoder:
            batch_size, seq_length = attention_mask.shape
            seq_ids = torch.arange(seq_length)
            causal_mask = seq_ids[None, None, :].repeat(batch_size, seq_length, 1) <= seq_ids[None, :, None]
            extended = causal_mask[:, None, :, :] & attention_mask[:, None, None, :]
        else:
            extended = attention_mask[:, None, None, :]
        return (1.0 - extended.float()) * torch.finfo(torch.float32).min

    def forward(
        self,
        input_ids: Int[Tensor, "B T"],
        attention_mask: Optional[Bool[Tensor, "B T"]] = None,
        memory: Optional[Float[Tensor, "B M D"]] = None,
        past: Optional[list[PastKeyValue]] = None,
    ) -> tuple[Float[Tensor, "B T D"], list[PastKeyValue]]:
        hidden_states = self.embed_tokens(input_ids)
        mask = None if attention_mask is None else self.get_extended_attention_mask(attention_mask)
        position_bias = None
        presents = []
        for i, layer_module in enumerate(self.block):
            hidden_states, present, position_bias = layer_module(
                hidden_states, mask, position_bias, memory, None if past is None else past[i]
            )
            presents.append(present)
        return self.final_layer_norm(hidden_states), presents


def main() -> None:
    torch.manual_seed(0)
    embed = nn.Embedding(30, 24)
    encoder, decoder = T5Stack(embed, 5, 4, 2), T5Stack(embed, 5, 4, 2, is_decoder=True)
    for b, s, t in ((2, 9, 6), (3, 5, 7)):
        memory, _ = encoder(torch.randint(0, 30, (b, s)), torch.ones(b, s, dtype=torch.bool))
        tokens = torch.randint(0, 30, (b, t))
        out, past = decoder(tokens, torch.ones(b, t, dtype=torch.bool), memory)
        step, _ = decoder(tokens[:, :1], memory=memory, past=past)
        print(tuple(out.shape), tuple(step.shape))


if __name__ == "__main__":
    main()
