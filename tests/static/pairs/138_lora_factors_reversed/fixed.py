import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class LoRALinear(nn.Module):
    def __init__(self, in_dim: int, out_dim: int, rank: int = 8, alpha: float = 16.0) -> None:
        super().__init__()
        self.base = nn.Linear(in_dim, out_dim)
        self.A = nn.Parameter(torch.randn(in_dim, rank) * 0.02)
        self.B = nn.Parameter(torch.zeros(rank, out_dim))
        self.scaling = alpha / rank

    def forward(self, x: Float[Tensor, "*b in_dim"]) -> Float[Tensor, "*b out_dim"]:
        delta = x @ self.A @ self.B
        return self.base(x) + self.scaling * delta


def main() -> Tensor:
    torch.manual_seed(0)
    return LoRALinear(24, 16, 4)(torch.randn(2, 5, 24))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
