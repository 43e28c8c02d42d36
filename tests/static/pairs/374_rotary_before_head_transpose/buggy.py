import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def rotate_half(x: Float[Tensor, "*lead D"]) -> Float[Tensor, "*lead D"]:
    x1, x2 = x.chunk(2, dim=-1)
    return torch.cat((-x2, x1), dim=-1)


def apply_rotary_pos_emb(t: Float[Tensor, "B X Y D"], freqs: Float[Tensor, "L D"]) -> Float[Tensor, "B X Y D"]:
    seq_len = t.shape[-2]
    freqs = freqs[:seq_len]
    return t * freqs.cos() + rotate_half(t) * freqs.sin()


class RotarySelfAttention(nn.Module):
    def __init__(self, dim: int, n_head: int, max_len: int = 64) -> None:
        super().__init__()
        self.n_head = n_head
        self.w_qkv = nn.Linear(dim, 3 * dim, bias=False)
        self.fc = nn.Linear(dim, dim, bias=False)
        d_k = dim // n_head
        inv = 1.0 / (10000 ** (torch.arange(0, d_k, 2).float() / d_k))
        freqs = torch.outer(torch.arange(max_len).float(), inv)
        self.register_buffer("freqs", torch.cat([freqs, freqs], dim=-1))

    def forward(self, x: Float[Tensor, "B T dim"]) -> Float[Tensor, "B T dim"]:
        b, l, c = x.shape
        q, k, v = self.w_qkv(x).view(b, l, 3, self.n_head, c // self.n_head).unbind(2)
        q, k = apply_rotary_pos_emb(q, self.freqs), apply_rotary_pos_emb(k, self.freqs)
        q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)
        out = F.scaled_dot_product_attention(q, k, v)
        return self.fc(out.transpose(1, 2).reshape(b, l, c))


def main() -> Tensor:
    torch.manual_seed(0)
    return RotarySelfAttention(16, 2)(torch.randn(3, 5, 16))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
