import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Encoding(nn.Module):
    def __init__(self, d_model: int, d_k: int) -> None:
        super().__init__()
        self.w_q = nn.Conv2d(d_model, d_k, 1)
        self.w_k = nn.Conv2d(d_model, d_k, 1)
        self.w_v = nn.Conv2d(d_model, d_model, 1)

    def forward(
        self, fea: Float[Tensor, "N d_model H W"]
    ) -> tuple[Float[Tensor, "N L d_k"], Float[Tensor, "N L d_k"], Float[Tensor, "N L d_model"]]:
        q = self.w_q(fea).flatten(2).permute(0, 2, 1)
        k = self.w_k(fea).flatten(2).permute(0, 2, 1)
        v = self.w_v(fea).flatten(2).permute(0, 2, 1)
        return q, k, v


class Attend(nn.Module):
    def __init__(self, d_model: int, d_k: int) -> None:
        super().__init__()
        self.enc_now = Encoding(d_model, d_k)
        self.enc_past = Encoding(d_model, d_k)
        self.d_k = d_k

    def forward(
        self, now: Float[Tensor, "N d_model H W"], past: Float[Tensor, "N d_model h w"]
    ) -> Float[Tensor, "N H*W d_model"]:
        q, _, _ = self.enc_now(now)
        k, v, _ = self.enc_past(past)
        attn = torch.softmax(q @ k.transpose(1, 2) / self.d_k**0.5, dim=2)
        return attn @ v


def main() -> Tensor:
    torch.manual_seed(0)
    return Attend(16, 4)(torch.randn(2, 16, 3, 5), torch.randn(2, 16, 4, 4))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
