"""Sequence to sequence with Bahdanau and Luong attention, teacher forcing, greedy decoding and beams."""

import random
from typing import Optional

import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

SOS_token = 1
EOS_token = 2


class EncoderRNN(nn.Module):
    def __init__(
        self, input_dim: int, emb_dim: int, enc_hid_dim: int, dec_hid_dim: int, dropout: float
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(input_dim, emb_dim)
        self.rnn = nn.GRU(emb_dim, enc_hid_dim, bidirectional=True)
        self.fc = nn.Linear(enc_hid_dim * 2, dec_hid_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, src: Int[Tensor, "S B"], src_len: Int[Tensor, " B"]
    ) -> tuple[Float[Tensor, "S B E2"], Float[Tensor, "B H"]]:
        embedded = self.dropout(self.embedding(src))
        # embedded = [src len, batch size, emb dim]
        packed_embedded = nn.utils.rnn.pack_padded_sequence(embedded, src_len.to("cpu"))
        packed_outputs, hidden = self.rnn(packed_embedded)
        outputs, _ = nn.utils.rnn.pad_packed_sequence(packed_outputs)
        hidden = torch.tanh(self.fc(torch.cat((hidden[-2, :, :], hidden[-1, :, :]), dim=1)))
        return outputs, hidden


class Attention(nn.Module):
    def __init__(self, enc_hid_dim: int, dec_hid_dim: int) -> None:
        super().__init__()
        self.attn = nn.Linear((enc_hid_dim * 2) + dec_hid_dim, dec_hid_dim)
        self.v = nn.Linear(dec_hid_dim, 1, bias=False)

    def forward(
        self,
        hidden: Float[Tensor, "B H"],
        encoder_outputs: Float[Tensor, "S B E2"],
        mask: Bool[Tensor, "B S"],
    ) -> Float[Tensor, "B S"]:
        batch_size = encoder_outputs.shape[1]
        src_len = encoder_outputs.shape[0]
        hidden = hidden.unsqueeze(1).repeat(1, src_len, 1)
        encoder_outputs = encoder_outputs.permute(1, 0, 2)
        energy = torch.tanh(self.attn(torch.cat((hidden, encoder_outputs), dim=2)))
        assert energy.shape[0] == batch_size
        attention = self.v(energy).squeeze(2)
        attention = attention.masked_fill(mask == 0, -1e10)
        return F.softmax(attention, dim=1)


class Decoder(nn.Module):
    def __init__(
        self, output_dim: int, emb_dim: int, enc_hid_dim: int, dec_hid_dim: int, dropout: float
    ) -> None:
        super().__init__()
        self.output_dim = output_dim
        self.attention = Attention(enc_hid_dim, dec_hid_dim)
        self.embedding = nn.Embedding(output_dim, emb_dim)
        self.rnn = nn.GRU((enc_hid_dim * 2) + emb_dim, dec_hid_dim)
        self.fc_out = nn.Linear((enc_hid_dim * 2) + dec_hid_dim + emb_dim, output_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        input: Int[Tensor, " B"],
        hidden: Float[Tensor, "B H"],
        encoder_outputs: Float[Tensor, "S B E2"],
        mask: Bool[Tensor, "B S"],
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, "B H"], Float[Tensor, "B S"]]:
        input = input.unsqueeze(0)
        embedded = self.dropout(self.embedding(input))
        a = self.attention(hidden, encoder_outputs, mask)
        a = a.unsqueeze(1)
        encoder_outputs = encoder_outputs.permute(1, 0, 2)
        weighted = torch.bmm(a, encoder_outputs)
        weighted = weighted.permute(1, 0, 2)
        rnn_input = torch.cat((embedded, weighted), dim=2)
        output, hidden = self.rnn(rnn_input, hidden.unsqueeze(0))
        assert (output == hidden).all()
        embedded = embedded.squeeze(0)
        output = output.squeeze(0)
        weighted = weighted.squeeze(0)
        prediction = self.fc_out(torch.cat((output, weighted, embedded), dim=1))
        return prediction, hidden.squeeze(0), a.squeeze(1)


class Seq2Seq(nn.Module):
    def __init__(self, encoder: EncoderRNN, decoder: Decoder, src_pad_idx: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.src_pad_idx = src_pad_idx

    def create_mask(self, src: Int[Tensor, "S B"]) -> Bool[Tensor, "B S"]:
        mask = (src != self.src_pad_idx).permute(1, 0)
        return mask

    def forward(
        self,
        src: Int[Tensor, "S B"],
        src_len: Int[Tensor, " B"],
        trg: Int[Tensor, "T B"],
        teacher_forcing_ratio: float = 0.5,
    ) -> Float[Tensor, "T B V"]:
        batch_size = src.shape[1]
        trg_len = trg.shape[0]
        trg_vocab_size = self.decoder.output_dim
        outputs = torch.zeros(trg_len, batch_size, trg_vocab_size)
        encoder_outputs, hidden = self.encoder(src, src_len)
        input = trg[0, :]
        mask = self.create_mask(src)
        for t in range(1, trg_len):
            output, hidden, _ = self.decoder(input, hidden, encoder_outputs, mask)
            outputs[t] = output
            teacher_force = random.random() < teacher_forcing_ratio
            top1 = output.argmax(1)
            input = trg[t] if teacher_force else top1
        return outputs

    @torch.no_grad()
    def beam_search(
        self, src: Int[Tensor, "S B"], src_len: Int[Tensor, " B"], beams: int = 3, steps: int = 5
    ) -> Int[Tensor, "B {steps}"]:
        B, V = src.shape[1], self.decoder.output_dim
        encoder_outputs, hidden = self.encoder(src, src_len)
        mask = self.create_mask(src).repeat_interleave(beams, dim=0)
        encoder_outputs = encoder_outputs.repeat_interleave(beams, dim=1)
        hidden = hidden.repeat_interleave(beams, dim=0)
        tokens = torch.full((B * beams,), SOS_token)
        scores = torch.full((B, beams), -1e9)
        scores[:, 0] = 0.0
        history: Optional[Tensor] = None
        for _ in range(steps):
            logits, hidden, _ = self.decoder(tokens, hidden, encoder_outputs, mask)
            log_probs = F.log_softmax(logits, dim=-1).view(B, beams, V)
            total = (scores.unsqueeze(-1) + log_probs).view(B, beams * V)
            scores, flat = total.topk(beams, dim=1)
            parent = torch.div(flat, V, rounding_mode="floor")  # (B, beams)
            tokens = (flat % V).view(-1)
            rows = (torch.arange(B).unsqueeze(1) * beams + parent).view(-1)
            hidden = hidden[rows]
            if history is not None:
                history = torch.cat([history[rows], tokens.unsqueeze(1)], dim=1)
            else:
                history = tokens.unsqueeze(1)
        return history.view(B, beams, -1)[:, 0]


class LuongAttention(nn.Module):
    def __init__(self, method: str, hidden_size: int) -> None:
        super().__init__()
        self.method = method
        if self.method not in ["dot", "general", "concat"]:
            raise ValueError(self.method, "is not an appropriate attention method.")
        if self.method == "general":
            self.attn = nn.Linear(hidden_size, hidden_size)
        elif self.method == "concat":
            self.attn = nn.Linear(hidden_size * 2, hidden_size)
            self.v = nn.Parameter(torch.randn(hidden_size))

    def forward(
        self, hidden: Float[Tensor, "1 B H"], encoder_output: Float[Tensor, "S B H"]
    ) -> Float[Tensor, "B 1 S"]:
        if self.method == "general":
            attn_energies = torch.sum(hidden * self.attn(encoder_output), dim=2)
        elif self.method == "concat":
            energy = self.attn(
                torch.cat((hidden.expand(encoder_output.size(0), -1, -1), encoder_output), 2)
            ).tanh()
            attn_energies = torch.sum(self.v * energy, dim=2)
        else:
            attn_energies = torch.sum(hidden * encoder_output, dim=2)
        attn_energies = attn_energies.t()
        return F.softmax(attn_energies, dim=1).unsqueeze(1)


def main() -> None:
    torch.manual_seed(0)
    model = Seq2Seq(EncoderRNN(30, 8, 10, 12, 0.1), Decoder(25, 9, 10, 12, 0.1), 0)
    for lengths, t in (([7, 4], 5), ([6, 6, 3], 8)):
        src = torch.randint(1, 30, (max(lengths), len(lengths)))
        for i, n in enumerate(lengths):
            src[n:, i] = 0
        trg = torch.randint(1, 25, (t, len(lengths)))
        out = model(src, torch.tensor(lengths), trg)
        loss = F.cross_entropy(out[1:].view(-1, out.shape[-1]), trg[1:].view(-1))
        print(tuple(out.shape), loss.shape, tuple(model.beam_search(src, torch.tensor(lengths)).shape))
        for method in ("dot", "general", "concat"):
            context = LuongAttention(method, 6)(torch.randn(1, 3, 6), torch.randn(t, 3, 6))
            print(tuple(context.bmm(torch.randn(t, 3, 6).transpose(0, 1)).shape))


if __name__ == "__main__":
    main()
