import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class FPN(nn.Module):
    def __init__(self, widths: tuple[int, int], out_ch: int = 48) -> None:
        super().__init__()
        c3, c4 = widths
        self.lat3 = nn.Conv2d(c3, out_ch, 1)
        self.lat4 = nn.Conv2d(c4, out_ch, 1)
        self.smooth = nn.Conv2d(out_ch, out_ch, 3, padding=1)

    def forward(
        self, f4: Float[Tensor, "N c4 H W"], f3: Float[Tensor, "N c3 2*H 2*W"]
    ) -> tuple[Float[Tensor, "N out_ch 2*H 2*W"], Float[Tensor, "N out_ch H W"]]:
        p4 = self.lat4(f4)
        p3 = self.lat3(f3) + p4
        return self.smooth(p3), p4


def main() -> tuple[Tensor, Tensor]:
    torch.manual_seed(0)
    return FPN((32, 64))(torch.randn(1, 64, 8, 8), torch.randn(1, 32, 16, 16))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
