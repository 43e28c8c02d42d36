import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class RMSNorm(nn.Module):
    def __init__(self, dim: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x: Float[Tensor, "*batch dim"]) -> Float[Tensor, "*batch dim"]:
        scale = torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps)
        return x * scale * self.weight


class QKNorm(nn.Module):
    def __init__(self, n_heads: int, head_dim: int) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.q_norm = RMSNorm(n_heads)

    def forward(self, q: Float[Tensor, "B T n_heads head_dim"]) -> Float[Tensor, "B n_heads T head_dim"]:
        return self.q_norm(q).transpose(1, 2)


def main() -> Tensor:
    torch.manual_seed(0)
    return QKNorm(6, 16)(torch.randn(2, 5, 6, 16))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
