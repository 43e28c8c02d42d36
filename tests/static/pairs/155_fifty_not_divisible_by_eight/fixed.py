import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Tagger(nn.Module):
    def __init__(self, vocab_size: int, n_tags: int = 5) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocab_size, 50)
        self.attn = nn.MultiheadAttention(embed_dim=50, num_heads=5, batch_first=True)
        self.fc = nn.Linear(50, n_tags)

    def forward(self, tokens: Int[Tensor, "B T"]) -> Float[Tensor, "B T n_tags"]:
        x = self.embed(tokens)
        x, _ = self.attn(x, x, x, need_weights=False)
        return self.fc(x)


def main() -> Tensor:
    torch.manual_seed(0)
    return Tagger(100)(torch.randint(0, 100, (2, 6)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
