import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class PatchEmbedding(nn.Module):
    def __init__(self, num_channels: int, patch_dim: int, embedding_dim: int) -> None:
        super().__init__()
        self.patch_dim = patch_dim
        self.flatten_dim = patch_dim * patch_dim * num_channels
        self.linear_encoding = nn.Linear(self.flatten_dim, embedding_dim)

    def forward(self, x: Float[Tensor, "N num_channels H W"]) -> Float[Tensor, "N L embedding_dim"]:
        x = x.unfold(2, self.patch_dim, self.patch_dim).unfold(3, self.patch_dim, self.patch_dim).contiguous()
        x = x.view(x.size(0), -1, self.flatten_dim)
        return self.linear_encoding(x)


def main() -> Tensor:
    torch.manual_seed(0)
    return PatchEmbedding(3, 4, 10)(torch.randn(2, 3, 16, 8))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
