import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Masked(nn.Module):
    def __init__(self, dim: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.attn = nn.MultiheadAttention(dim, num_heads, batch_first=True)

    def forward(
        self, x: Float[Tensor, "B T dim"], mask: Bool[Tensor, "B T T"]
    ) -> Float[Tensor, "B T dim"]:
        out, _ = self.attn(x, x, x, attn_mask=mask.repeat_interleave(self.num_heads, dim=0))
        return out


def main() -> Tensor:
    torch.manual_seed(0)
    return Masked(8, 2)(torch.randn(3, 5, 8), torch.zeros(3, 5, 5, dtype=torch.bool))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
