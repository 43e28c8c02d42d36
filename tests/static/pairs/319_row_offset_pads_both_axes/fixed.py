import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class UnetUp(nn.Module):
    def __init__(self, in_size: int, out_size: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_size, out_size, 3, 1, 1)
        self.up = nn.ConvTranspose2d(in_size, out_size, kernel_size=2, stride=2)

    def forward(
        self, inputs1: Float[Tensor, "N out_size H W"], inputs2: Float[Tensor, "N in_size h w"]
    ) -> Float[Tensor, "N out_size H W"]:
        outputs2 = self.up(inputs2)
        dy = inputs1.size(2) - outputs2.size(2)
        dx = inputs1.size(3) - outputs2.size(3)
        outputs2 = F.pad(outputs2, [dx // 2, dx - dx // 2, dy // 2, dy - dy // 2])
        return self.conv(torch.cat([inputs1, outputs2], 1))


def main() -> Tensor:
    torch.manual_seed(0)
    return UnetUp(32, 16)(torch.randn(1, 16, 16, 20), torch.randn(1, 32, 7, 10))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
