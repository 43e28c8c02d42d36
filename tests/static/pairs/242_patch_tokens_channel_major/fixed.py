import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Patches(nn.Module):
    def __init__(self, dim: int, patch: int = 16) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, dim, kernel_size=patch, stride=patch)

    def forward(self, x: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B n dim"]:
        x = self.proj(x)
        return x.flatten(2).transpose(1, 2)


def main() -> Tensor:
    torch.manual_seed(0)
    return Patches(24)(torch.randn(2, 3, 32, 48))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
