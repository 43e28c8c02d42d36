from einops import rearrange, repeat
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class GraphAttention(nn.Module):
    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.scale = (dim // heads) ** -0.5
        self.to_q = nn.Linear(dim, dim)
        self.to_kv = nn.Linear(dim, dim * 2)
        self.to_out = nn.Linear(dim, dim)

    def forward(self, nodes: Float[Tensor, "B I dim"], mask: Bool[Tensor, "B I"]) -> Float[Tensor, "B I dim"]:
        h = self.heads
        q = self.to_q(nodes)
        k, v = self.to_kv(nodes).chunk(2, dim=-1)
        q, k, v = map(lambda t: rearrange(t, "b n (h d) -> (b h) n d", h=h), (q, k, v))
        sim = torch.einsum("b i d, b j d -> b i j", q, k) * self.scale
        mask = rearrange(mask, "b i -> b i 1") & rearrange(mask, "b j -> b 1 j")
        max_neg_value = -torch.finfo(sim.dtype).max
        sim = sim.masked_fill(~repeat(mask, "b i j -> (b h) i j", h=h), max_neg_value)
        attn = sim.softmax(dim=-1)
        out = torch.einsum("b i j, b j d -> b i d", attn, v)
        out = rearrange(out, "(b h) n d -> b n (h d)", h=h)
        return self.to_out(out)


def main() -> Tensor:
    torch.manual_seed(0)
    return GraphAttention(12, 3)(torch.randn(2, 5, 12), torch.ones(2, 5, dtype=torch.bool))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
