import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class AFTSimple(nn.Module):
    def __init__(self, dim: int, hidden_dim: int = 64) -> None:
        super().__init__()
        self.to_q = nn.Linear(dim, hidden_dim)
        self.to_k = nn.Linear(dim, hidden_dim)
        self.to_v = nn.Linear(dim, hidden_dim)
        self.project = nn.Linear(hidden_dim, dim)

    def forward(self, x: Float[Tensor, "B T dim"]) -> Float[Tensor, "B T dim"]:
        Q = self.to_q(x)
        K = self.to_k(x)
        V = self.to_v(x)
        weights = torch.mul(torch.softmax(K, 1), V).sum(1, keepdim=True)
        Yt = torch.mul(torch.sigmoid(Q), weights)
        return self.project(Yt)


def main() -> Tensor:
    torch.manual_seed(0)
    return AFTSimple(12, 8)(torch.randn(3, 5, 12))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
