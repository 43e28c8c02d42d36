import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Scorer(nn.Module):
    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.head_dim = dim // heads
        self.to_q = nn.Linear(dim, heads * self.head_dim)

    def forward(self, x: Float[Tensor, "B T dim"]) -> Float[Tensor, "B T"]:
        b, t, _ = x.shape
        q: Float[Tensor, "B {self.heads} T {self.head_dim}"] = self.to_q(x).view(b, t, self.heads, self.head_dim)
        energy = q.pow(2).sum(dim=-1)
        return energy.mean(dim=1)


def main() -> Tensor:
    torch.manual_seed(0)
    return Scorer(12, 3)(torch.randn(2, 5, 12))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
