import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class SelfAttention(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.scale = dim**-0.5
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(dim, dim)
        self.value = nn.Linear(dim, dim)

    def forward(self, x: Float[Tensor, "B T dim"]) -> Float[Tensor, "B T dim"]:
        q, k, v = self.query(x), self.key(x), self.value(x)
        scores = torch.matmul(q, k) * self.scale
        weights = F.softmax(scores, dim=-1)
        return torch.matmul(weights, v)


def main() -> Tensor:
    torch.manual_seed(0)
    return SelfAttention(24)(torch.randn(2, 7, 24))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
