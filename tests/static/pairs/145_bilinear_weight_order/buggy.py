import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Bilinear(nn.Module):
    def __init__(self, left: int, right: int, out: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out, left, right) / left)
        self.bias = nn.Parameter(torch.zeros(out))

    def forward(self, a: Float[Tensor, "N left"], b: Float[Tensor, "N right"]) -> Float[Tensor, "N out"]:
        score = torch.einsum("ni,ioj,nj->no", a, self.weight, b)
        return score + self.bias


def main() -> Tensor:
    torch.manual_seed(0)
    return Bilinear(6, 7, 4)(torch.randn(3, 6), torch.randn(3, 7))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
