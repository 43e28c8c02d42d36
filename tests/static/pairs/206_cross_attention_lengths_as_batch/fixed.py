import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class QueryPool(nn.Module):
    def __init__(self, dim: int, n_queries: int, n_heads: int = 4) -> None:
        super().__init__()
        self.queries = nn.Parameter(torch.randn(1, n_queries, dim) * 0.02)
        self.cross = nn.MultiheadAttention(dim, n_heads, batch_first=True)
        self.norm = nn.LayerNorm(dim)

    def forward(self, memory: Float[Tensor, "B S dim"]) -> Float[Tensor, "B n_queries dim"]:
        q = self.queries.expand(memory.size(0), -1, -1)
        out, _ = self.cross(q, memory, memory)
        return self.norm(out + q)


def main() -> Tensor:
    torch.manual_seed(0)
    return QueryPool(16, 4)(torch.randn(2, 9, 16))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
