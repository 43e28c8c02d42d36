import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class AttentionBlock(nn.Module):
    def __init__(self, n_channels: int, n_heads: int = 1) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.d_k = n_channels
        self.scale = self.d_k**-0.5
        self.projection = nn.Linear(n_channels, n_heads * self.d_k * 3)
        self.output = nn.Linear(n_heads * self.d_k, n_channels)

    def forward(self, x: Float[Tensor, "B n_channels H W"]) -> Float[Tensor, "B n_channels H W"]:
        batch_size, n_channels, height, width = x.shape
        x = x.view(batch_size, n_channels, -1).permute(0, 2, 1)
        qkv = self.projection(x).view(batch_size, -1, self.n_heads, 3 * self.d_k)
        q, k, v = torch.chunk(qkv, 3, dim=-1)
        attn = torch.einsum("bihd,bjhd->bijh", q, k) * self.scale
        attn = attn.softmax(dim=1)
        res = torch.einsum("bijh,bjhd->bihd", attn, v)
        res = self.output(res.reshape(batch_size, -1, self.n_heads * self.d_k))
        res = res + x
        return res.permute(0, 2, 1).view(batch_size, n_channels, height, width)


def main() -> Tensor:
    torch.manual_seed(0)
    return AttentionBlock(8)(torch.randn(2, 8, 4, 3))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
