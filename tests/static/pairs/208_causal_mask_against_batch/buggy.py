import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class CausalLM(nn.Module):
    def __init__(self, vocab: int, dim: int, heads: int = 2) -> None:
        super().__init__()
        self.tok = nn.Embedding(vocab, dim)
        self.block = nn.TransformerEncoderLayer(dim, heads, dim_feedforward=4 * dim, norm_first=True)
        self.head = nn.Linear(dim, vocab, bias=False)

    def forward(self, idx: Int[Tensor, "B T"]) -> Float[Tensor, "B T vocab"]:
        T = idx.shape[1]
        causal = nn.Transformer.generate_square_subsequent_mask(T)
        x = self.block(self.tok(idx), src_mask=causal)
        return self.head(x)


def main() -> Tensor:
    torch.manual_seed(0)
    return CausalLM(20, 8).eval()(torch.randint(0, 20, (2, 5)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
