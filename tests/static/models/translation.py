"""nn.Transformer and a hand-written one: positions for both layouts, masks, label smoothing, greedy decoding."""

import copy
import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

PAD_IDX, BOS_IDX, EOS_IDX = 0, 1, 2


class PositionalEncoding(nn.Module):
    def __init__(self, emb_size: int, dropout: float, maxlen: int = 500, batch_first: bool = False) -> None:
        super().__init__()
        den = torch.exp(-torch.arange(0, emb_size, 2) * math.log(10000) / emb_size)
        pos = torch.arange(0, maxlen).reshape(maxlen, 1)
        pos_embedding = torch.zeros((maxlen, emb_size))
        pos_embedding[:, 0::2] = torch.sin(pos * den)
        pos_embedding[:, 1::2] = torch.cos(pos * den)
        pos_embedding = pos_embedding.unsqueeze(0 if batch_first else -2)
        self.dropout = nn.Dropout(dropout)
        self.batch_first = batch_first
        self.register_buffer("pos_embedding", pos_embedding)

    def forward(self, token_embedding: Float[Tensor, "a b E"]) -> Float[Tensor, "a b E"]:
        if self.batch_first:
            return self.dropout(token_embedding + self.pos_embedding[:, : token_embedding.size(1)])
        return self.dropout(token_embedding + self.pos_embedding[: token_embedding.size(0), :])


class TokenEmbedding(nn.Module):
    def __init__(self, vocab_size: int, emb_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, emb_size)
        self.emb_size = emb_size

    def forward(self, tokens: Tensor) -> Tensor:
        return self.embedding(tokens.long()) * math.sqrt(self.emb_size)


class Seq2SeqTransformer(nn.Module):
    def __init__(
        self,
        num_layers: int,
        emb_size: int,
        nhead: int,
        src_vocab_size: int,
        tgt_vocab_size: int,
        ff: int = 32,
    ) -> None:
        super().__init__()
        self.transformer = nn.Transformer(
            d_model=emb_size,
            nhead=nhead,
            num_encoder_layers=num_layers,
            num_decoder_layers=num_layers,
            dim_feedforward=ff,
            dropout=0.1,
        )
        self.generator = nn.Linear(emb_size, tgt_vocab_size)
        self.src_tok_emb = TokenEmbedding(src_vocab_size, emb_size)
        self.tgt_tok_emb = TokenEmbedding(tgt_vocab_size, emb_size)
        self.positional_encoding = PositionalEncoding(emb_size, dropout=0.1)

    def forward(
        self,
        src: Int[Tensor, "S B"],
        trg: Int[Tensor, "T B"],
        src_mask: Bool[Tensor, "S S"],
        tgt_mask: Bool[Tensor, "T T"],
        src_padding_mask: Bool[Tensor, "B S"],
        tgt_padding_mask: Bool[Tensor, "B T"],
    ) -> Float[Tensor, "T B V"]:
        src_emb = self.positional_encoding(self.src_tok_emb(src))
        tgt_emb = self.positional_encoding(self.tgt_tok_emb(trg))
        outs = self.transformer(
            src_emb, tgt_emb, src_mask, tgt_mask, None, src_padding_mask, tgt_padding_mask, src_padding_mask
        )
        return self.generator(outs)

    def encode(self, src: Tensor, src_mask: Tensor) -> Tensor:
        return self.transformer.encoder(self.positional_encoding(self.src_tok_emb(src)), src_mask)

    def decode(self, tgt: Tensor, memory: Tensor, tgt_mask: Tensor) -> Tensor:
        return self.transformer.decoder(self.positional_encoding(self.tgt_tok_emb(tgt)), memory, tgt_mask)


def generate_square_subsequent_mask(sz: int) -> Bool[Tensor, "{sz} {sz}"]:
    return (torch.triu(torch.ones((sz, sz))) == 0).transpose(0, 1)


def create_mask(src: Int[Tensor, "S B"], tgt: Int[Tensor, "T B"]):
    src_seq_len = src.shape[0]
    tgt_seq_len = tgt.shape[0]
    tgt_mask = generate_square_subsequent_mask(tgt_seq_len)
    src_mask = torch.zeros((src_seq_len, src_seq_len)).type(torch.bool)
    src_padding_mask = (src == PAD_IDX).transpose(0, 1)
    tgt_padding_mask = (tgt == PAD_IDX).transpose(0, 1)
    return src_mask, tgt_mask, src_padding_mask, tgt_padding_mask


@torch.no_grad()
def greedy_decode(
    model: Seq2SeqTransformer, src: Int[Tensor, "S 1"], src_mask: Bool[Tensor, "S S"], max_len: int
) -> Int[Tensor, "T 1"]:
    memory = model.encode(src, src_mask)
    ys = torch.ones(1, 1).fill_(BOS_IDX).type(torch.long)
    for _ in range(max_len - 1):
        tgt_mask = generate_square_subsequent_mask(ys.size(0)).type(torch.bool)
        out = model.decode(ys, memory, tgt_mask)
        out = out.transpose(0, 1)
        prob = model.generator(out[:, -1])
        _, next_word = torch.max(prob, dim=1)
        next_word = next_word.item()
        ys = torch.cat([ys, torch.ones(1, 1).type_as(src.data).fill_(next_word)], dim=0)
        if next_word == EOS_IDX:
            break
    return ys


def clones(module, N):
    return nn.ModuleList([copy.deepcopy(module) for _ in range(N)])


def attention(query, key, value, mask=None, dropout=None):
    d_k = query.size(-1)
    scores = torch.matmul(query, key.transpose(-2, -1)) / math.sqrt(d_k)
    if mask is not None:
        scores = scores.masked_fill(mask == 0, -1e9)
    p_attn = scores.softmax(dim=-1)
    if dropout is not None:
        p_attn = dropout(p_attn)
    return torch.matmul(p_attn, value), p_attn


class MultiHeadedAttention(nn.Module):
    def __init__(self, h, d_model, dropout=0.1):
        super().__init__()
        assert d_model % h == 0
        self.d_k = d_model // h
        self.h = h
        self.linears = clones(nn.Linear(d_model, d_model), 4)
        self.attn = None
        self.dropout = nn.Dropout(p=dropout)

    def forward(self, query, key, value, mask=None):
        if mask is not None:
            # Same mask applied to all h heads.
            mask = mask.unsqueeze(1)
        nbatches = query.size(0)
        query, key, value = [
            lin(x).view(nbatches, -1, self.h, self.d_k).transpose(1, 2)
            for lin, x in zip(self.linears, (query, key, value))
        ]
        x, self.attn = attention(query, key, value, mask=mask, dropout=self.dropout)
        x = x.transpose(1, 2).contiguous().view(nbatches, -1, self.h * self.d_k)
        del query
        del key
        del value
        return self.linears[-1](x)


class SublayerConnection(nn.Module):
    def __init__(self, size, dropout=0.1):
        super().__init__()
        self.norm = nn.LayerNorm(size)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, sublayer):
        return x + self.dropout(sublayer(self.norm(x)))


class AnnotatedDecoderLayer(nn.Module):
    def __init__(self, size: int, h: int) -> None:
        super().__init__()
        self.self_attn, self.src_attn = MultiHeadedAttention(h, size), MultiHeadedAttention(h, size)
        self.feed_forward = nn.Sequential(nn.Linear(size, 4 * size), nn.ReLU(), nn.Linear(4 * size, size))
        self.sublayer = clones(SublayerConnection(size), 3)

    def forward(
        self,
        x: Float[Tensor, "B T D"],
        memory: Float[Tensor, "B S D"],
        src_mask: Bool[Tensor, "B 1 S"],
        tgt_mask: Bool[Tensor, "B T T"],
    ) -> Float[Tensor, "B T D"]:
        m = memory
        x = self.sublayer[0](x, lambda x: self.self_attn(x, x, x, tgt_mask))
        x = self.sublayer[1](x, lambda x: self.src_attn(x, m, m, src_mask))
        return self.sublayer[2](x, self.feed_forward)


def make_std_mask(tgt: Int[Tensor, "B T"], pad: int = PAD_IDX) -> Bool[Tensor, "B T T"]:
    tgt_mask = (tgt != pad).unsqueeze(-2)
    ahead = torch.triu(torch.ones((1, tgt.size(-1), tgt.size(-1))), diagonal=1).type(torch.uint8) == 0
    return tgt_mask & ahead


class LabelSmoothing(nn.Module):
    def __init__(self, size: int, padding_idx: int, smoothing: float = 0.1) -> None:
        super().__init__()
        self.criterion = nn.KLDivLoss(reduction="sum")
        self.padding_idx, self.smoothing, self.size = padding_idx, smoothing, size

    def forward(self, x: Float[Tensor, "M V"], target: Int[Tensor, " M"]) -> Float[Tensor, ""]:
        assert x.size(1) == self.size
        true_dist = x.data.clone()
        true_dist.fill_(self.smoothing / (self.size - 2))
        true_dist.scatter_(1, target.data.unsqueeze(1), 1.0 - self.smoothing)
        true_dist[:, self.padding_idx] = 0
        mask = torch.nonzero(target.data == self.padding_idx)
        if mask.dim() > 0:
            true_dist.index_fill_(0, mask.squeeze(-1), 0.0)
        return self.criterion(x, true_dist.clone().detach())


def main() -> None:
    torch.manual_seed(0)
    model = Seq2SeqTransformer(1, 12, 3, 20, 25)
    layer, batch_first = AnnotatedDecoderLayer(12, 4), PositionalEncoding(12, 0.1, batch_first=True)
    for s, t, b in ((7, 5, 2), (6, 9, 3)):
        src, tgt = torch.randint(1, 20, (s, b)), torch.randint(1, 25, (t, b))
        masks = create_mask(src, tgt[:-1])
        logits = model(src, tgt[:-1], *masks)
        loss = F.cross_entropy(
            logits.reshape(-1, logits.shape[-1]), tgt[1:].reshape(-1), ignore_index=PAD_IDX
        )
        smooth = LabelSmoothing(25, PAD_IDX)(logits.log_softmax(-1).view(-1, 25), tgt[1:].reshape(-1))
        print(tuple(logits.shape), loss.shape, smooth.shape)
        print(tuple(greedy_decode(model.eval(), src[:, :1], masks[0], 6).shape[1:]))
        memory = batch_first(torch.randn(b, s, 12))
        out = layer(torch.randn(b, t, 12), memory, (src.t() != PAD_IDX).unsqueeze(-2), make_std_mask(tgt.t()))
        print(tuple(out.shape))


if __name__ == "__main__":
    main()
