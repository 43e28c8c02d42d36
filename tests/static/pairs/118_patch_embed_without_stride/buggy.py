import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


IMG_SIZE = 32
PATCH_SIZE = 8


class PatchEmbed(nn.Module):
    def __init__(self, in_chans: int = 3, embed_dim: int = 48) -> None:
        super().__init__()
        self.grid = (IMG_SIZE // PATCH_SIZE, IMG_SIZE // PATCH_SIZE)
        self.num_patches = self.grid[0] * self.grid[1]
        self.proj = nn.Conv2d(in_chans, embed_dim, kernel_size=PATCH_SIZE)
        self.pos_embed = nn.Parameter(torch.zeros(1, self.num_patches, embed_dim))

    def forward(self, x: Float[Tensor, "B in_chans 32 32"]) -> Float[Tensor, "B {self.num_patches} embed_dim"]:
        x = self.proj(x).flatten(2).transpose(1, 2)
        return x + self.pos_embed


def main() -> Tensor:
    torch.manual_seed(0)
    return PatchEmbed()(torch.randn(2, 3, 32, 32))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
