import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def pixel_grid(H: int, W: int) -> Float[Tensor, "2 {H} {W}"]:
    ys = torch.linspace(-1, 1, H)
    xs = torch.linspace(-1, 1, W)
    grid_x, grid_y = torch.meshgrid(xs, ys, indexing="ij")
    return torch.stack((grid_x, grid_y), dim=0)


def main() -> Tensor:
    torch.manual_seed(0)
    return pixel_grid(4, 6)


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
