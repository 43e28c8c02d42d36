import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class STN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.localization = nn.Sequential(nn.Conv2d(1, 8, 7), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.fc_loc = nn.Linear(8, 6)

    def forward(self, x: Float[Tensor, "N 1 H W"]) -> Float[Tensor, "N 1 H W"]:
        theta = self.fc_loc(self.localization(x)).view(-1, 2, 3)
        n, c, h, w = x.size()
        grid = F.affine_grid(theta, [n, c, w, h], align_corners=False)
        return F.grid_sample(x, grid, align_corners=False)


def main() -> Tensor:
    torch.manual_seed(0)
    return STN()(torch.rand(2, 1, 20, 28))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
