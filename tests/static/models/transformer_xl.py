"""Transformer-XL: relative attention with shift, memory of earlier segments, an adaptive softmax."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor


class PositionalEmbedding(nn.Module):
    def __init__(self, demb: int) -> None:
        super().__init__()
        self.demb = demb
        inv_freq = 1 / (10000 ** (torch.arange(0.0, demb, 2.0) / demb))
        self.register_buffer("inv_freq", inv_freq)

    def forward(self, pos_seq: Float[Tensor, " K"], bsz: int | None = None) -> Float[Tensor, "K b demb"]:
        sinusoid_inp = torch.outer(pos_seq, self.inv_freq)
        pos_emb = torch.cat([sinusoid_inp.sin(), sinusoid_inp.cos()], dim=-1)
        if bsz is not None:
            return pos_emb[:, None, :].expand(-1, bsz, -1)
        else:
            return pos_emb[:, None, :]


class PositionwiseFF(nn.Module):
    def __init__(self, d_model: int, d_inner: int, dropout: float, pre_lnorm: bool = False) -> None:
        super().__init__()
        self.CoreNet = nn.Sequential(
            nn.Linear(d_model, d_inner),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
            nn.Linear(d_inner, d_model),
            nn.Dropout(dropout),
        )
        self.layer_norm = nn.LayerNorm(d_model)
        self.pre_lnorm = pre_lnorm

    def forward(self, inp: Float[Tensor, "T B D"]) -> Float[Tensor, "T B D"]:
        if self.pre_lnorm:
            core_out = self.CoreNet(self.layer_norm(inp))
            output = core_out + inp
        else:
            core_out = self.CoreNet(inp)
            output = self.layer_norm(inp + core_out)
        return output


class RelPartialLearnableMultiHeadAttn(nn.Module):
    def __init__(
        self, n_head: int, d_model: int, d_head: int, dropout: float, pre_lnorm: bool = False
    ) -> None:
        super().__init__()
        self.n_head = n_head
        self.d_model = d_model
        self.d_head = d_head
        self.qkv_net = nn.Linear(d_model, 3 * n_head * d_head, bias=False)
        self.r_net = nn.Linear(self.d_model, self.n_head * self.d_head, bias=False)
        self.drop = nn.Dropout(dropout)
        self.o_net = nn.Linear(n_head * d_head, d_model, bias=False)
        self.layer_norm = nn.LayerNorm(d_model)
        self.scale = 1 / (d_head**0.5)
        self.pre_lnorm = pre_lnorm

    def _rel_shift(self, x: Float[Tensor, "Q K B h"]) -> Float[Tensor, "Q K B h"]:
        zero_pad = torch.zeros((x.size(0), 1, *x.size()[2:]), device=x.device, dtype=x.dtype)
        x_padded = torch.cat([zero_pad, x], dim=1)
        x_padded = x_padded.view(x.size(1) + 1, x.size(0), *x.size()[2:])
        x = x_padded[1:].view_as(x)
        return x

    def forward(
        self,
        w: Float[Tensor, "Q B D"],
        r: Float[Tensor, "K 1 D"],
        r_w_bias: Float[Tensor, "h d"],
        r_r_bias: Float[Tensor, "h d"],
        attn_mask: Tensor | None = None,
        mems: Float[Tensor, "M B D"] | None = None,
    ) -> Float[Tensor, "Q B D"]:
        qlen, rlen, bsz = w.size(0), r.size(0), w.size(1)
        if mems is not None:
            cat = torch.cat([mems, w], 0)
            w_heads = self.qkv_net(self.layer_norm(cat) if self.pre_lnorm else cat)
            r_head_k = self.r_net(r)
            w_head_q, w_head_k, w_head_v = torch.chunk(w_heads, 3, dim=-1)
            w_head_q = w_head_q[-qlen:]
        else:
            w_heads = self.qkv_net(self.layer_norm(w) if self.pre_lnorm else w)
            r_head_k = self.r_net(r)
            w_head_q, w_head_k, w_head_v = torch.chunk(w_heads, 3, dim=-1)
        klen = w_head_k.size(0)
        w_head_q = w_head_q.view(qlen, bsz, self.n_head, self.d_head)  # qlen x bsz x n_head x d_head
        w_head_k = w_head_k.view(klen, bsz, self.n_head, self.d_head)  # klen x bsz x n_head x d_head
        w_head_v = w_head_v.view(klen, bsz, self.n_head, self.d_head)  # klen x bsz x n_head x d_head
        r_head_k = r_head_k.view(rlen, self.n_head, self.d_head)  # klen x n_head x d_head
        rw_head_q = w_head_q + r_w_bias
        AC = torch.einsum("ibnd,jbnd->ijbn", (rw_head_q, w_head_k))  # qlen x klen x bsz x n_head
        rr_head_q = w_head_q + r_r_bias
        BD = torch.einsum("ibnd,jnd->ijbn", (rr_head_q, r_head_k))  # qlen x klen x bsz x n_head
        BD = self._rel_shift(BD)
        # [qlen x klen x bsz x n_head]
        attn_score = AC + BD
        attn_score.mul_(self.scale)
        if attn_mask is not None and attn_mask.any().item():
            if attn_mask.dim() == 2:
                attn_score = (
                    attn_score.float().masked_fill(attn_mask[None, :, :, None], -1e30).type_as(attn_score)
                )
            elif attn_mask.dim() == 3:
                attn_score = (
                    attn_score.float().masked_fill(attn_mask[:, :, :, None], -1e30).type_as(attn_score)
                )
        attn_prob = F.softmax(attn_score, dim=1)
        attn_prob = self.drop(attn_prob)
        attn_vec = torch.einsum("ijbn,jbnd->ibnd", (attn_prob, w_head_v))
        attn_vec = attn_vec.contiguous().view(attn_vec.size(0), attn_vec.size(1), self.n_head * self.d_head)
        attn_out = self.o_net(attn_vec)
        if self.pre_lnorm:
            output = w + attn_out
        else:
            output = self.layer_norm(w + attn_out)
        return output


class DecoderLayer(nn.Module):
    def __init__(
        self, n_head: int, d_model: int, d_head: int, d_inner: int, dropout: float, **kwargs
    ) -> None:
        super().__init__()
        self.dec_attn = RelPartialLearnableMultiHeadAttn(n_head, d_model, d_head, dropout, **kwargs)
        self.pos_ff = PositionwiseFF(d_model, d_inner, dropout, pre_lnorm=kwargs.get("pre_lnorm", False))

    def forward(self, dec_inp: Float[Tensor, "Q B D"], r, r_w_bias, r_r_bias, dec_attn_mask=None, mems=None):
        output = self.dec_attn(dec_inp, r, r_w_bias, r_r_bias, attn_mask=dec_attn_mask, mems=mems)
        return self.pos_ff(output)


class MemTransformerLM(nn.Module):
    def __init__(
        self,
        n_token: int,
        n_layer: int,
        n_head: int,
        d_model: int,
        d_head: int,
        mem_len: int,
        pre_lnorm: bool = False,
    ) -> None:
        super().__init__()
        self.n_token = n_token
        self.d_model = d_model
        self.mem_len = mem_len
        self.n_layer = n_layer
        self.word_emb = nn.Embedding(n_token, d_model)
        self.drop = nn.Dropout(0.1)
        self.layers = nn.ModuleList(
            [
                DecoderLayer(n_head, d_model, d_head, 4 * d_model, 0.1, pre_lnorm=pre_lnorm)
                for i in range(n_layer)
            ]
        )
        self.pos_emb = PositionalEmbedding(self.d_model)
        self.r_w_bias = nn.Parameter(torch.zeros(n_head, d_head))
        self.r_r_bias = nn.Parameter(torch.zeros(n_head, d_head))
        self.crit = nn.AdaptiveLogSoftmaxWithLoss(d_model, n_token, cutoffs=[10, 20])

    def init_mems(self) -> list[Tensor]:
        return [torch.empty(0) for _ in range(self.n_layer + 1)]

    def _update_mems(self, hids: list[Tensor], mems: list[Tensor], qlen: int, mlen: int) -> list[Tensor]:
        assert len(hids) == len(mems), "len(hids) != len(mems)"
        with torch.no_grad():
            new_mems = []
            end_idx = mlen + max(0, qlen)
            beg_idx = max(0, end_idx - self.mem_len)
            for i in range(len(hids)):
                cat = torch.cat([mems[i], hids[i]], dim=0) if mems[i].numel() else hids[i]
                new_mems.append(cat[beg_idx:end_idx].detach())
        return new_mems

    def _forward(
        self, dec_inp: Int[Tensor, "Q B"], mems: list[Tensor]
    ) -> tuple[Float[Tensor, "Q B D"], list[Tensor]]:
        qlen, bsz = dec_inp.size()
        word_emb = self.word_emb(dec_inp)
        mlen = mems[0].size(0) if mems[0].numel() else 0
        klen = mlen + qlen
        dec_attn_mask = torch.triu(word_emb.new_ones(qlen, klen), diagonal=1 + mlen).bool()[:, :, None]
        hids = []
        pos_seq = torch.arange(klen - 1, -1, -1.0, device=word_emb.device, dtype=word_emb.dtype)
        core_out = self.drop(word_emb)
        pos_emb = self.drop(self.pos_emb(pos_seq))
        hids.append(core_out)
        for i, layer in enumerate(self.layers):
            mems_i = mems[i] if mems[i].numel() else None
            core_out = layer(
                core_out, pos_emb, self.r_w_bias, self.r_r_bias, dec_attn_mask=dec_attn_mask, mems=mems_i
            )
            hids.append(core_out)
        return self.drop(core_out), self._update_mems(hids, mems, qlen, mlen)

    def forward(
        self, data: Int[Tensor, "Q B"], target: Int[Tensor, "Q B"], *mems: Tensor
    ) -> tuple[Float[Tensor, ""], list[Tensor]]:
        old = list(mems) if mems else self.init_mems()
        tgt_len = target.size(0)
        hidden, new_mems = self._forward(data, mems=old)
        pred_hid = hidden[-tgt_len:]
        _, loss = self.crit(pred_hid.view(-1, pred_hid.size(-1)), target.view(-1))
        return loss, new_mems


def main() -> None:
    torch.manual_seed(0)
    for pre_lnorm in (False, True):
        model = MemTransformerLM(30, 2, 3, 16, 5, mem_len=6, pre_lnorm=pre_lnorm)
        for q, b in ((4, 2), (7, 3)):
            mems: list[Tensor] = []
            for _ in range(3):
                data = torch.randint(0, 30, (q, b))
                loss, mems = model(data, data, *mems)
                print(loss.shape, tuple(mems[0].shape))


if __name__ == "__main__":
    main()
