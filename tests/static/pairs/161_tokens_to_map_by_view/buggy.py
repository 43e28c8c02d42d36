import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Neck(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dw = nn.Conv2d(dim, dim, 3, padding=1, groups=dim)

    def forward(self, x: Float[Tensor, "B N C"], H: int, W: int) -> Float[Tensor, "B N C"]:
        B, N, C = x.shape
        feat = x.reshape(B, C, H, W)
        feat = self.dw(feat)
        return feat.flatten(2).transpose(1, 2)


def main() -> Tensor:
    torch.manual_seed(0)
    return Neck(8)(torch.randn(2, 20, 8), 4, 5)


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
