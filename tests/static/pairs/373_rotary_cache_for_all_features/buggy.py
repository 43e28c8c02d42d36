import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class RotaryPositionalEmbeddings(nn.Module):
    def __init__(self, d_k: int, d: int, base: int = 10_000) -> None:
        super().__init__()
        self.d_k = d_k
        self.base = base
        self.d = d

    def _neg_half(self, x: Float[Tensor, "T B H d"]) -> Float[Tensor, "T B H d"]:
        d_2 = self.d // 2
        return torch.cat([-x[:, :, :, d_2:], x[:, :, :, :d_2]], dim=-1)

    def forward(self, x: Float[Tensor, "T B H d_k"]) -> Float[Tensor, "T B H d_k"]:
        seq_len = x.shape[0]
        rot = self.d_k
        theta = 1.0 / (self.base ** (torch.arange(0, rot, 2).float() / rot))
        seq_idx = torch.arange(seq_len).float()
        idx_theta = torch.einsum("n,d->nd", seq_idx, theta)
        idx_theta2 = torch.cat([idx_theta, idx_theta], dim=1)
        cos_cached = idx_theta2.cos()[:, None, None, :]
        sin_cached = idx_theta2.sin()[:, None, None, :]
        x_rope, x_pass = x[..., : self.d], x[..., self.d :]
        neg_half_x = self._neg_half(x_rope)
        x_rope = (x_rope * cos_cached) + (neg_half_x * sin_cached)
        return torch.cat((x_rope, x_pass), dim=-1)


def main() -> Tensor:
    torch.manual_seed(0)
    return RotaryPositionalEmbeddings(8, 4)(torch.randn(5, 2, 3, 8))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
