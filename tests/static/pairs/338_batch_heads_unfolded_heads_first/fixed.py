import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class SelfAttention(nn.Module):
    def __init__(self, emb_dim: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.head_dim = emb_dim // num_heads
        self.q_linear = nn.Linear(emb_dim, emb_dim)
        self.k_linear = nn.Linear(emb_dim, emb_dim)
        self.v_linear = nn.Linear(emb_dim, emb_dim)

    def split(self, x: Float[Tensor, "B T E"]) -> Float[Tensor, "BH T D"]:
        b, t, _ = x.shape
        x = x.view(b, t, self.num_heads, self.head_dim).permute(0, 2, 1, 3)
        return x.reshape(b * self.num_heads, t, self.head_dim)

    def forward(self, x: Float[Tensor, "B T emb_dim"]) -> Float[Tensor, "B T emb_dim"]:
        batch_size = x.size(0)
        q, k, v = self.split(self.q_linear(x)), self.split(self.k_linear(x)), self.split(self.v_linear(x))
        attn = torch.softmax(torch.bmm(q, k.transpose(1, 2)) / self.head_dim**0.5, dim=-1)
        output = torch.bmm(attn, v)
        output = output.view(batch_size, self.num_heads, -1, self.head_dim)
        output = output.permute(0, 2, 1, 3)
        return output.contiguous().view(batch_size, -1, self.num_heads * self.head_dim)


def main() -> Tensor:
    torch.manual_seed(0)
    return SelfAttention(12, 3)(torch.randn(2, 5, 12))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
