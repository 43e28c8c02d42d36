import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class AttentionGate(nn.Module):
    def __init__(self, F_g: int, F_l: int, F_int: int) -> None:
        super().__init__()
        self.W_g = nn.Sequential(nn.Conv2d(F_g, F_int, kernel_size=1), nn.BatchNorm2d(F_int))
        self.W_x = nn.Sequential(nn.Conv2d(F_l, F_int, kernel_size=2, stride=2), nn.BatchNorm2d(F_int))
        self.psi = nn.Sequential(nn.Conv2d(F_int, 1, kernel_size=1), nn.BatchNorm2d(1), nn.Sigmoid())
        self.relu = nn.ReLU(inplace=True)

    def forward(
        self, g: Float[Tensor, "N F_g H W"], x: Float[Tensor, "N F_l 2*H 2*W"]
    ) -> Float[Tensor, "N F_l 2*H 2*W"]:
        g1 = self.W_g(g)
        x1 = self.W_x(x)
        psi = self.relu(g1 + x1)
        psi = self.psi(psi)
        psi = F.interpolate(psi, scale_factor=2, mode="bilinear", align_corners=False)
        return x * psi


def main() -> Tensor:
    torch.manual_seed(0)
    return AttentionGate(64, 32, 16)(torch.randn(2, 64, 8, 8), torch.randn(2, 32, 16, 16))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
