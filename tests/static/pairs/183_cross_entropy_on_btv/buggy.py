import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class LanguageModel(nn.Module):
    def __init__(self, vocab_size: int, n_embd: int) -> None:
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, n_embd)
        self.lm_head = nn.Linear(n_embd, vocab_size)

    def forward(self, idx: Int[Tensor, "B T"], targets: Int[Tensor, "B T"]) -> Float[Tensor, ""]:
        logits = self.lm_head(self.token_embedding_table(idx))
        return F.cross_entropy(logits, targets)


def main() -> Tensor:
    torch.manual_seed(0)
    return LanguageModel(30, 16)(torch.randint(0, 30, (2, 7)), torch.randint(0, 30, (2, 7)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
