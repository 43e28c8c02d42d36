import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class LayerNorm(nn.Module):
    def __init__(self, features: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.a_2 = nn.Parameter(torch.ones(features))
        self.b_2 = nn.Parameter(torch.zeros(features))
        self.eps = eps

    def forward(self, x: Float[Tensor, "B T features"]) -> Float[Tensor, "B T features"]:
        mean = x.mean(-1)
        std = x.std(-1)
        return self.a_2 * (x - mean) / (std + self.eps) + self.b_2


def main() -> Tensor:
    torch.manual_seed(0)
    return LayerNorm(16)(torch.randn(2, 5, 16))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
