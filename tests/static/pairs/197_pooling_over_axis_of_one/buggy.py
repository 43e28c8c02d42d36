import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class AttentionPool(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.score = nn.Linear(dim, 1)

    def forward(self, x: Float[Tensor, "B T dim"]) -> Float[Tensor, "B dim"]:
        weights = torch.softmax(self.score(x), dim=-1)
        return (weights * x).sum(dim=1)


def main() -> Tensor:
    torch.manual_seed(0)
    return AttentionPool(12)(torch.randn(3, 7, 12))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
