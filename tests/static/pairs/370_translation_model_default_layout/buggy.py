import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Translator(nn.Module):
    def __init__(self, src_vocab: int, tgt_vocab: int, emb_size: int, nhead: int = 4) -> None:
        super().__init__()
        self.src_tok_emb = nn.Embedding(src_vocab, emb_size)
        self.tgt_tok_emb = nn.Embedding(tgt_vocab, emb_size)
        self.transformer = nn.Transformer(
            d_model=emb_size,
            nhead=nhead,
            num_encoder_layers=1,
            num_decoder_layers=1,
            dim_feedforward=32,
        )
        self.generator = nn.Linear(emb_size, tgt_vocab)

    def forward(self, src: Int[Tensor, "B S"], trg: Int[Tensor, "B T"]) -> Float[Tensor, "B T tgt_vocab"]:
        src_emb = self.src_tok_emb(src)
        tgt_emb = self.tgt_tok_emb(trg)
        tgt_mask = nn.Transformer.generate_square_subsequent_mask(trg.size(1))
        outs = self.transformer(src_emb, tgt_emb, tgt_mask=tgt_mask)
        return self.generator(outs)


def main() -> Tensor:
    torch.manual_seed(0)
    return Translator(20, 25, 16)(torch.randint(0, 20, (2, 7)), torch.randint(0, 25, (2, 5)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
