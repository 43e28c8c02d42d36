"""Models of densities: MADE with masked linear layers, a restricted Boltzmann machine."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


class MaskedLinear(nn.Linear):
    def __init__(
        self, in_features: int, out_features: int, mask: Float[Tensor, "in_features out_features"]
    ) -> None:
        super().__init__(in_features, out_features)
        self.register_buffer("mask", mask.t())

    def forward(self, input: Float[Tensor, "*B in_features"]) -> Float[Tensor, "*B out_features"]:
        return F.linear(input, self.mask * self.weight, self.bias)


class MADE(nn.Module):
    def __init__(self, nin: int, hidden: int) -> None:
        super().__init__()
        order, degree = torch.arange(nin), torch.randint(0, nin - 1, (hidden,))
        self.net = nn.Sequential(
            MaskedLinear(nin, hidden, (order[:, None] <= degree[None, :]).float()),
            nn.ReLU(),
            MaskedLinear(hidden, nin, (degree[:, None] < order[None, :]).float()),
        )

    def forward(self, x: Float[Tensor, "B nin"]) -> Float[Tensor, "B nin"]:
        return self.net(x)


class RBM(nn.Module):
    def __init__(self, n_vis: int, n_hin: int, k: int = 2) -> None:
        super().__init__()
        self.W = nn.Parameter(torch.randn(n_hin, n_vis) * 1e-2)
        self.v_bias = nn.Parameter(torch.zeros(n_vis))
        self.h_bias = nn.Parameter(torch.zeros(n_hin))
        self.k = k

    def v_to_h(self, v: Float[Tensor, "B V"]) -> tuple[Float[Tensor, "B H"], Float[Tensor, "B H"]]:
        p_h = torch.sigmoid(F.linear(v, self.W, self.h_bias))
        return p_h, torch.bernoulli(p_h)

    def h_to_v(self, h: Float[Tensor, "B H"]) -> tuple[Float[Tensor, "B V"], Float[Tensor, "B V"]]:
        p_v = torch.sigmoid(F.linear(h, self.W.t(), self.v_bias))
        return p_v, torch.bernoulli(p_v)

    def forward(self, v: Float[Tensor, "B V"]) -> Float[Tensor, "B V"]:
        _, h_ = self.v_to_h(v)
        for _ in range(self.k):
            pre_v_, v_ = self.h_to_v(h_)
            pre_h_, h_ = self.v_to_h(v_)
        return v_

    def free_energy(self, v: Float[Tensor, "B V"]) -> Float[Tensor, ""]:
        vbias_term = v.mv(self.v_bias)
        wx_b = F.linear(v, self.W, self.h_bias)
        hidden_term = wx_b.exp().add(1).log().sum(1)
        return (-hidden_term - vbias_term).mean()


def main() -> None:
    torch.manual_seed(0)
    for b, n in ((3, 12), (5, 9)):
        flat, rbm = torch.rand(b, n).round(), RBM(n, 7)
        loss = F.binary_cross_entropy_with_logits(MADE(n, 20)(flat), flat)
        print(loss.shape, (rbm.free_energy(flat) - rbm.free_energy(rbm(flat))).shape)


if __name__ == "__main__":
    main()
