import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class VocabParallelEmbedding(nn.Module):
    def __init__(self, num_embeddings: int, embedding_dim: int, rank: int = 0, world_size: int = 1) -> None:
        super().__init__()
        self.num_per_partition = num_embeddings // world_size
        self.vocab_start_idx = self.num_per_partition * rank
        self.vocab_end_idx = self.vocab_start_idx + self.num_per_partition
        self.weight = nn.Parameter(torch.randn(self.num_per_partition, embedding_dim))

    def forward(self, x: Int[Tensor, "B T"]) -> Float[Tensor, "B T embedding_dim"]:
        mask = (x >= self.vocab_start_idx) & (x < self.vocab_end_idx)
        x = mask * (x - self.vocab_start_idx)
        y = F.embedding(x, self.weight)
        y = mask.unsqueeze(-1) * y
        return y


def main() -> Tensor:
    torch.manual_seed(0)
    return VocabParallelEmbedding(40, 8, 1, 4)(torch.randint(0, 40, (2, 6)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
