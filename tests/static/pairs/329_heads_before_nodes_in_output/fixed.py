import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class MultiHeadGraphLinear(nn.Module):
    def __init__(self, in_dim: int, heads: int, out_dim: int) -> None:
        super().__init__()
        self.heads = heads
        self.out_dim = out_dim
        self.weight = nn.Parameter(torch.randn(heads, in_dim, out_dim) * 0.1)

    def forward(self, x: Float[Tensor, "B N in_dim"]) -> Float[Tensor, "B N out"]:
        b, n, _ = x.shape
        out = torch.einsum("bni,hio->bnho", x, self.weight)
        return F.elu(out.reshape(b, n, self.heads * self.out_dim))


def main() -> Tensor:
    torch.manual_seed(0)
    return MultiHeadGraphLinear(6, 4, 3)(torch.randn(2, 5, 6))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
