import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class MultiQueryAttention(nn.Module):
    def __init__(self, n_embd: int, n_head: int) -> None:
        super().__init__()
        self.n_embd = n_embd
        self.n_head = n_head
        self.head_dim = n_embd // n_head
        self.c_attn = nn.Linear(n_embd, n_embd + 2 * self.head_dim)
        self.c_proj = nn.Linear(n_embd, n_embd)

    def forward(self, x: Float[Tensor, "B T n_embd"]) -> Float[Tensor, "B T n_embd"]:
        B, T, C = x.size()
        q, k, v = self.c_attn(x).split([self.n_embd, self.head_dim, self.head_dim], dim=2)
        q = q.view(B, T, self.n_head, self.head_dim).transpose(1, 2)
        att = (q @ k.unsqueeze(1).transpose(-2, -1)) * self.head_dim**-0.5
        att = F.softmax(att, dim=-1)
        y = att @ v.unsqueeze(1)
        y = y.transpose(1, 2).contiguous().view(B, T, C)
        return self.c_proj(y)


def main() -> Tensor:
    torch.manual_seed(0)
    return MultiQueryAttention(24, 4)(torch.randn(2, 6, 24))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
