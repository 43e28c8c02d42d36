import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Up(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.up = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
        self.conv = nn.Conv2d(128, 32, 3, padding=1)

    def forward(self, x1: Float[Tensor, "N 64 9 12"], x2: Float[Tensor, "N 64 19 24"]) -> Float[Tensor, "N 32 19 24"]:
        x1 = self.up(x1)
        diff_y = x2.size(2) - x1.size(2)
        diff_x = x2.size(3) - x1.size(3)
        x1 = F.pad(x1, [diff_x // 2, diff_x - diff_x // 2, diff_y // 2, diff_y - diff_y // 2])
        x = torch.cat([x2, x1], dim=1)
        return self.conv(x)


def main() -> Tensor:
    torch.manual_seed(0)
    return Up()(torch.randn(1, 64, 9, 12), torch.randn(1, 64, 19, 24))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
