from einops import rearrange
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class AEAL(nn.Module):
    def __init__(self, d_model: int, nhead: int, width: int) -> None:
        super().__init__()
        self.width = width
        self.self_attn = nn.MultiheadAttention(d_model, nhead)
        self.norm = nn.LayerNorm(d_model)

    def forward(self, src: Float[Tensor, "B d_model H W"]) -> Float[Tensor, "B d_model H W"]:
        b, c, h, w = src.shape
        x = rearrange(src, "b c (h1 h2) w -> (b h1) (h2 w) c", h2=self.width)
        x = self.norm(x)
        x = x + self.self_attn(x, x, x)[0]
        return rearrange(x, "(b h1) (h2 w) c -> b c (h1 h2) w", b=b, h2=self.width, w=w)


def main() -> Tensor:
    torch.manual_seed(0)
    return AEAL(8, 2, 4)(torch.randn(2, 8, 8, 6))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
