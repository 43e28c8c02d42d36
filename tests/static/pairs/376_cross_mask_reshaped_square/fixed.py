import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class CrossAttention(nn.Module):
    def __init__(self, embed_dim: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.q_proj = nn.Linear(embed_dim, embed_dim)
        self.k_proj = nn.Linear(embed_dim, embed_dim)
        self.v_proj = nn.Linear(embed_dim, embed_dim)

    def split(self, x: Float[Tensor, "B L E"]) -> Float[Tensor, "B H L D"]:
        return x.reshape(x.shape[0], x.shape[1], self.num_heads, self.head_dim).transpose(1, 2)

    def forward(
        self,
        x: Float[Tensor, "B Q embed_dim"],
        context: Float[Tensor, "B K embed_dim"],
        mask: Float[Tensor, "B Q K"],
    ) -> Float[Tensor, "B Q embed_dim"]:
        q, k, v = self.split(self.q_proj(x)), self.split(self.k_proj(context)), self.split(self.v_proj(context))
        scores = q @ k.transpose(-2, -1) / self.head_dim**0.5
        batch_size_mask, seq_q_mask, seq_k_mask = mask.shape
        mask_reshaped = mask.reshape(batch_size_mask, 1, seq_q_mask, seq_k_mask)
        weights = torch.softmax(scores + mask_reshaped, dim=-1)
        out = (weights @ v).transpose(1, 2)
        return out.reshape(x.shape[0], x.shape[1], -1)


def main() -> Tensor:
    torch.manual_seed(0)
    return CrossAttention(12, 3)(torch.randn(2, 5, 12), torch.randn(2, 7, 12), torch.zeros(2, 5, 7))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
