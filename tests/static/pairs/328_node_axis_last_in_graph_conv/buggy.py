import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class NConv(nn.Module):
    def forward(self, x: Float[Tensor, "B C T V"], A: Float[Tensor, "V V"]) -> Float[Tensor, "B C T V"]:
        x = torch.einsum("ncwl,vw->ncvl", x, A)
        return x.contiguous()


class MixProp(nn.Module):
    def __init__(self, c_in: int, c_out: int, gdep: int, alpha: float = 0.05) -> None:
        super().__init__()
        self.nconv = NConv()
        self.mlp = nn.Conv2d((gdep + 1) * c_in, c_out, kernel_size=(1, 1))
        self.gdep = gdep
        self.alpha = alpha

    def forward(self, x: Float[Tensor, "B c_in T V"], adj: Float[Tensor, "V V"]) -> Float[Tensor, "B c_out T V"]:
        adj = adj + torch.eye(adj.size(0))
        a = adj / adj.sum(1).view(-1, 1)
        h = x
        out = [h]
        for _ in range(self.gdep):
            h = self.alpha * x + (1 - self.alpha) * self.nconv(h, a)
            out.append(h)
        return self.mlp(torch.cat(out, dim=1))


def main() -> Tensor:
    torch.manual_seed(0)
    return MixProp(8, 12, 2)(torch.randn(2, 8, 13, 7), torch.rand(7, 7))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
