import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def make_mask(lengths: Int[Tensor, "B"], size: int) -> Bool[Tensor, "B {size}"]:
    return torch.arange(size)[None, :] < lengths[:, None]


class Pooler(nn.Module):
    def __init__(self, vocab: int, dim: int) -> None:
        super().__init__()
        self.emb = nn.Embedding(vocab, dim)

    def forward(self, tokens: Int[Tensor, "B T"], lengths: Int[Tensor, "B"]) -> Float[Tensor, "B dim"]:
        x = self.emb(tokens)
        mask = make_mask(lengths, x.size(1))
        x = x.masked_fill(~mask.unsqueeze(-1), 0.0)
        return x.sum(dim=1) / lengths.unsqueeze(1)


def main() -> Tensor:
    torch.manual_seed(0)
    return Pooler(20, 8)(torch.randint(1, 20, (3, 5)), torch.tensor([5, 2, 4]))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
