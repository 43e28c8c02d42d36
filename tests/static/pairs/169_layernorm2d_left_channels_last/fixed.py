import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Downsample(nn.Module):
    def __init__(self, dim_in: int, dim_out: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim_in)
        self.reduction = nn.Conv2d(dim_in, dim_out, kernel_size=2, stride=2)

    def forward(self, x: Float[Tensor, "B dim_in H W"]) -> Float[Tensor, "B dim_out H//2 W//2"]:
        x = x.permute(0, 2, 3, 1)
        x = self.norm(x)
        x = x.permute(0, 3, 1, 2).contiguous()
        return self.reduction(x)


def main() -> Tensor:
    torch.manual_seed(0)
    return Downsample(8, 16)(torch.randn(2, 8, 12, 10))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
