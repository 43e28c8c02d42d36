import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class DigitCaps(nn.Module):
    def __init__(self, in_caps: int, out_caps: int, out_dim: int, routings: int = 3) -> None:
        super().__init__()
        self.in_caps = in_caps
        self.out_caps = out_caps
        self.routings = routings
        self.W = nn.Parameter(torch.randn(in_caps, out_caps, out_dim, 6) * 0.1)

    def squash(self, s: Float[Tensor, "N out_caps out_dim"]) -> Float[Tensor, "N out_caps out_dim"]:
        norm = s.norm(dim=-1, keepdim=True)
        return norm / (1 + norm**2) * s

    def forward(self, x: Float[Tensor, "N in_caps 6"]) -> Float[Tensor, "N out_caps out_dim"]:
        u_hat = torch.einsum("iodk,nik->niod", self.W, x)
        b_ij = x.new_zeros(x.size(0), self.in_caps, self.out_caps)
        for i in range(self.routings):
            c_ij = F.softmax(b_ij, dim=1)
            v_j = self.squash((c_ij.unsqueeze(-1) * u_hat).sum(dim=1))
            if i < self.routings - 1:
                b_ij = b_ij + (u_hat * v_j.unsqueeze(1)).sum(dim=-1)
        return v_j


def main() -> Tensor:
    torch.manual_seed(0)
    return DigitCaps(12, 5, 4)(torch.randn(2, 12, 6))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
