import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def homo_warp(
    src_feat: Float[Tensor, "B C H W"], src_grid: Float[Tensor, "B D H*W 2"]
) -> tuple[Float[Tensor, "B C D H W"], Float[Tensor, "B D H W 2"]]:
    B, C, H, W = src_feat.shape
    D = src_grid.shape[1]
    warped = F.grid_sample(src_feat, src_grid * 2 - 1, align_corners=True)
    warped = warped.view(B, C, D, H, W)
    grid = src_grid.view(B, D, H, W, 2)
    return warped, grid


def main() -> Tensor:
    torch.manual_seed(0)
    return homo_warp(torch.randn(2, 5, 6, 9), torch.rand(2, 3, 6 * 9, 2))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
