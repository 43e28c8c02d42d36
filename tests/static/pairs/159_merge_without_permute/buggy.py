import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class MultiHeadAttention(nn.Module):
    def __init__(self, hidden_dim: int, num_heads: int) -> None:
        super().__init__()
        assert hidden_dim % num_heads == 0
        self.num_heads = num_heads
        self.qkv_dim = hidden_dim // num_heads
        self.qkv_proj = nn.Linear(hidden_dim, 3 * num_heads * self.qkv_dim, bias=False)
        self.o_proj = nn.Linear(num_heads * self.qkv_dim, hidden_dim, bias=False)

    def forward(self, x: Float[Tensor, "B S hidden_dim"]) -> Float[Tensor, "B S hidden_dim"]:
        b, s, hidden = x.shape
        qkv = self.qkv_proj(x).reshape(b, s, self.num_heads, 3 * self.qkv_dim).permute(0, 2, 1, 3)
        q, k, v = qkv.chunk(3, dim=-1)
        values = F.scaled_dot_product_attention(q, k, v)
        values = values.reshape(b, s, hidden)
        return self.o_proj(values)


def main() -> Tensor:
    torch.manual_seed(0)
    return MultiHeadAttention(16, 4)(torch.randn(2, 5, 16))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
