"""Conformer: macaron feed forwards, convolution module, attention with relative shift, subsampling, CTC."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor


class RelPositionalEncoding(nn.Module):
    pe: Float[Tensor, "1 L D"]

    def __init__(self, d_model: int, max_len: int = 500) -> None:
        super().__init__()
        self.d_model = d_model
        self.max_len = max_len
        position = torch.arange(max_len - 1, -max_len, -1.0).unsqueeze(1)
        div_term = torch.exp(torch.arange(0, d_model, 2).float() * -(math.log(10000.0) / d_model))
        pe = torch.zeros(2 * max_len - 1, d_model)
        pe[:, 0::2] = torch.sin(position * div_term)
        pe[:, 1::2] = torch.cos(position * div_term)
        self.register_buffer("pe", pe.unsqueeze(0))

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "1 2*T-1 D"]:
        center = self.max_len - 1
        return self.pe[:, center - x.size(1) + 1 : center + x.size(1)]


class RelPositionMultiHeadedAttention(nn.Module):
    def __init__(self, n_head: int, n_feat: int, dropout_rate: float) -> None:
        super().__init__()
        assert n_feat % n_head == 0
        self.d_k = n_feat // n_head
        self.h = n_head
        self.linear_q = nn.Linear(n_feat, n_feat)
        self.linear_k = nn.Linear(n_feat, n_feat)
        self.linear_v = nn.Linear(n_feat, n_feat)
        self.linear_out = nn.Linear(n_feat, n_feat)
        self.linear_pos = nn.Linear(n_feat, n_feat, bias=False)
        self.pos_bias_u = nn.Parameter(torch.zeros(self.h, self.d_k))
        self.pos_bias_v = nn.Parameter(torch.zeros(self.h, self.d_k))
        self.dropout = nn.Dropout(p=dropout_rate)

    def rel_shift(self, x: Float[Tensor, "B h T P"]) -> Float[Tensor, "B h T T"]:
        zero_pad = torch.zeros((*x.size()[:3], 1), device=x.device, dtype=x.dtype)
        x_padded = torch.cat([zero_pad, x], dim=-1)
        x_padded = x_padded.view(*x.size()[:2], x.size(3) + 1, x.size(2))
        x = x_padded[:, :, 1:].view_as(x)[:, :, :, : x.size(-1) // 2 + 1]
        return x

    def forward(
        self,
        x: Float[Tensor, "B T D"],
        pos_emb: Float[Tensor, "1 P D"],
        mask: Bool[Tensor, "B T"] | None = None,
    ) -> Float[Tensor, "B T D"]:
        n_batch = x.size(0)
        q = self.linear_q(x).view(n_batch, -1, self.h, self.d_k)
        k = self.linear_k(x).view(n_batch, -1, self.h, self.d_k).transpose(1, 2)
        v = self.linear_v(x).view(n_batch, -1, self.h, self.d_k).transpose(1, 2)
        n_batch_pos = pos_emb.size(0)
        p = self.linear_pos(pos_emb).view(n_batch_pos, -1, self.h, self.d_k).transpose(1, 2)
        q_with_bias_u = (q + self.pos_bias_u).transpose(1, 2)
        q_with_bias_v = (q + self.pos_bias_v).transpose(1, 2)
        matrix_ac = torch.matmul(q_with_bias_u, k.transpose(-2, -1))
        matrix_bd = self.rel_shift(torch.matmul(q_with_bias_v, p.transpose(-2, -1)))
        scores = (matrix_ac + matrix_bd) / math.sqrt(self.d_k)
        if mask is not None:
            hidden = ~mask[:, None, None, :]
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
            attn = torch.softmax(scores, dim=-1).masked_fill(hidden, 0.0)
        else:
            attn = torch.softmax(scores, dim=-1)
        y = torch.matmul(self.dropout(attn), v)
        y = y.transpose(1, 2).contiguous().view(n_batch, -1, self.h * self.d_k)
        return self.linear_out(y)


class ConvolutionModule(nn.Module):
    def __init__(self, channels: int, kernel_size: int, bias: bool = True) -> None:
        super().__init__()
        assert (kernel_size - 1) % 2 == 0
        self.pointwise_conv1 = nn.Conv1d(channels, 2 * channels, kernel_size=1, bias=bias)
        self.depthwise_conv = nn.Conv1d(
            channels, channels, kernel_size, padding=(kernel_size - 1) // 2, groups=channels, bias=bias
        )
        self.norm = nn.BatchNorm1d(channels)
        self.pointwise_conv2 = nn.Conv1d(channels, channels, kernel_size=1, bias=bias)
        self.activation = nn.SiLU()

    def forward(self, x: Float[Tensor, "B T D"]) -> Float[Tensor, "B T D"]:
        # exchange the temporal dimension and the feature dimension
        x = x.transpose(1, 2)
        x = self.pointwise_conv1(x)  # (batch, 2*channel, dim)
        x = nn.functional.glu(x, dim=1)  # (batch, channel, dim)
        x = self.depthwise_conv(x)
        x = self.activation(self.norm(x))
        x = self.pointwise_conv2(x)
        return x.transpose(1, 2)


class FeedForward(nn.Sequential):
    def __init__(self, dim: int, hidden: int, dropout: float) -> None:
        super().__init__(
            nn.Linear(dim, hidden),
            nn.SiLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, dim),
            nn.Dropout(dropout),
        )


class ConformerLayer(nn.Module):
    def __init__(self, dim: int, heads: int, kernel_size: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.ff1, self.ff2 = FeedForward(dim, 4 * dim, dropout), FeedForward(dim, 4 * dim, dropout)
        self.attn = RelPositionMultiHeadedAttention(heads, dim, dropout)
        self.conv = ConvolutionModule(dim, kernel_size)
        self.norms = nn.ModuleDict(
            {name: nn.LayerNorm(dim) for name in ("ff1", "attn", "conv", "ff2", "out")}
        )
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, x: Float[Tensor, "B T D"], pos: Float[Tensor, "1 P D"], mask: Bool[Tensor, "B T"] | None = None
    ) -> Float[Tensor, "B T D"]:
        x = x + 0.5 * self.ff1(self.norms["ff1"](x))
        x = x + self.dropout(self.attn(self.norms["attn"](x), pos, mask))
        x = x + self.dropout(self.conv(self.norms["conv"](x)))
        x = x + 0.5 * self.ff2(self.norms["ff2"](x))
        return self.norms["out"](x)


class Conv2dSubsampling(nn.Module):
    def __init__(self, idim: int, odim: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(1, odim, 3, 2), nn.ReLU(), nn.Conv2d(odim, odim, 3, 2), nn.ReLU())
        self.out = nn.Linear(odim * (((idim - 1) // 2 - 1) // 2), odim)

    def forward(
        self, x: Float[Tensor, "B T idim"], x_mask: Bool[Tensor, "B T"]
    ) -> tuple[Float[Tensor, "B t D"], Bool[Tensor, "B t"]]:
        x = x.unsqueeze(1)  # (b, c, t, f)
        x = self.conv(x)
        b, c, t, f = x.size()
        x = self.out(x.transpose(1, 2).contiguous().view(b, t, c * f))
        return x, x_mask[:, :-2:2][:, :-2:2]


class Conformer(nn.Module):
    def __init__(
        self, idim: int, dim: int, heads: int, layers: int, vocab: int, kernel_size: int = 7
    ) -> None:
        super().__init__()
        self.subsample = Conv2dSubsampling(idim, dim)
        self.pos = RelPositionalEncoding(dim)
        self.layers = nn.ModuleList([ConformerLayer(dim, heads, kernel_size) for _ in range(layers)])
        self.ctc = nn.Linear(dim, vocab)

    def forward(
        self, feats: Float[Tensor, "B T F"], lengths: Int[Tensor, " B"]
    ) -> tuple[Float[Tensor, "B t V"], Int[Tensor, " B"]]:
        mask = torch.arange(feats.size(1)).expand(feats.size(0), feats.size(1)) < lengths.unsqueeze(1)
        x, mask = self.subsample(feats, mask)
        pos = self.pos(x)
        for layer in self.layers:
            x = layer(x, pos, mask)
        return F.log_softmax(self.ctc(x), dim=-1), mask.sum(1)


def main() -> None:
    torch.manual_seed(0)
    model = Conformer(20, 24, 4, 2, 11)
    for b, t in ((2, 50), (3, 71)):
        lengths = torch.tensor([t] + [t - 9] * (b - 1))
        log_probs, out_lengths = model(torch.randn(b, t, 20), lengths)
        targets = torch.randint(1, 11, (b, 4))
        loss = F.ctc_loss(log_probs.transpose(0, 1), targets, out_lengths, torch.full((b,), 4))
        print(tuple(log_probs.shape), tuple(out_lengths.shape), loss.shape)


if __name__ == "__main__":
    main()
