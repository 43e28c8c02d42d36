import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Seq2Seq(nn.Module):
    def __init__(self, vocab: int, emb_dim: int, hidden: int) -> None:
        super().__init__()
        self.src_embedding = nn.Embedding(vocab, emb_dim)
        self.trg_embedding = nn.Embedding(vocab, emb_dim)
        self.encoder = nn.LSTM(emb_dim, hidden // 2, bidirectional=True, batch_first=True)
        self.encoder2decoder = nn.Linear(hidden, hidden)
        self.decoder = nn.LSTM(emb_dim, hidden, batch_first=True)
        self.decoder2vocab = nn.Linear(hidden, vocab)

    def forward(self, input_src: Int[Tensor, "B S"], input_trg: Int[Tensor, "B T"]) -> Float[Tensor, "B T vocab"]:
        src_emb = self.src_embedding(input_src)
        trg_emb = self.trg_embedding(input_trg)
        _, (src_h_t, src_c_t) = self.encoder(src_emb)
        h_t = torch.cat((src_h_t[-1], src_h_t[-2]), 1)
        c_t = torch.cat((src_c_t[-1], src_c_t[-2]), 1)
        decoder_init_state = torch.tanh(self.encoder2decoder(h_t))
        trg_h, _ = self.decoder(trg_emb, (decoder_init_state.unsqueeze(0), c_t.unsqueeze(0)))
        return self.decoder2vocab(trg_h)


def main() -> Tensor:
    torch.manual_seed(0)
    return Seq2Seq(20, 8, 16)(torch.randint(0, 20, (4, 6)), torch.randint(0, 20, (4, 5)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
