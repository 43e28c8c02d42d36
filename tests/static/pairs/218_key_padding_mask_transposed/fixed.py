import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Encoder(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.attn = nn.MultiheadAttention(dim, num_heads=2)
        self.norm = nn.LayerNorm(dim)

    def forward(self, src: Float[Tensor, "T B dim"], pad: Bool[Tensor, "T B"]) -> Float[Tensor, "T B dim"]:
        out, _ = self.attn(src, src, src, key_padding_mask=pad.t())
        return self.norm(src + out)


def main() -> Tensor:
    torch.manual_seed(0)
    return Encoder(8)(torch.randn(5, 2, 8), torch.zeros(5, 2, dtype=torch.bool))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
