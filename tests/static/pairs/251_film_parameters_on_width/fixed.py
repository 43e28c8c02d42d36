import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class FiLM(nn.Module):
    def __init__(self, cond_dim: int, channels: int) -> None:
        super().__init__()
        self.to_gamma_beta = nn.Linear(cond_dim, channels * 2)

    def forward(
        self, x: Float[Tensor, "B channels H W"], cond: Float[Tensor, "B cond_dim"]
    ) -> Float[Tensor, "B channels H W"]:
        gamma, beta = self.to_gamma_beta(cond).chunk(2, dim=1)
        return x * (1 + gamma)[:, :, None, None] + beta[:, :, None, None]


def main() -> Tensor:
    torch.manual_seed(0)
    return FiLM(10, 6)(torch.randn(2, 6, 5, 7), torch.randn(2, 10))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
