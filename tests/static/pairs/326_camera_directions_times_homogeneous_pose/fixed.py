import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def get_rays(
    H: int, W: int, focal: float, c2w: Float[Tensor, "4 4"]
) -> tuple[Float[Tensor, "H W 3"], Float[Tensor, "H W 3"]]:
    j, i = torch.meshgrid(
        torch.arange(H, dtype=torch.float32), torch.arange(W, dtype=torch.float32), indexing="ij"
    )
    dirs = torch.stack([(i - W * 0.5) / focal, -(j - H * 0.5) / focal, -torch.ones_like(i)], dim=-1)
    rays_d = dirs @ c2w[:3, :3].T
    rays_o = c2w[:3, 3].expand(rays_d.shape)
    return rays_o, rays_d


def main() -> Tensor:
    torch.manual_seed(0)
    return get_rays(8, 12, 30.0, torch.eye(4))[1]


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
