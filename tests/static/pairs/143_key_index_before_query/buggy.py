import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Scores(nn.Module):
    def __init__(self, heads: int, head_dim: int) -> None:
        super().__init__()
        self.heads = heads
        inner = heads * head_dim
        self.to_q = nn.Linear(inner, inner, bias=False)
        self.to_k = nn.Linear(inner, inner, bias=False)

    def forward(self, x: Float[Tensor, "B Q D"], ctx: Float[Tensor, "B K D"]) -> Float[Tensor, "B heads Q K"]:
        b, n, _ = x.shape
        q = self.to_q(x).reshape(b, n, self.heads, -1)
        k = self.to_k(ctx).reshape(b, ctx.size(1), self.heads, -1)
        return torch.einsum("bqhd,bkhd->bhkq", q, k)


def main() -> Tensor:
    torch.manual_seed(0)
    return Scores(4, 8)(torch.randn(2, 5, 32), torch.randn(2, 7, 32))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
