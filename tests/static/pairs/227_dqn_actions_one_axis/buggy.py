import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class QNet(nn.Module):
    def __init__(self, state_dim: int, n_actions: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(state_dim, 64), nn.ReLU(), nn.Linear(64, n_actions))

    def forward(self, s: Float[Tensor, "N state_dim"]) -> Float[Tensor, "N n_actions"]:
        return self.layers(s)


def dqn_loss(
    net: QNet, state: Float[Tensor, "N S"], action: Int[Tensor, "N"], target: Float[Tensor, "N"]
) -> Float[Tensor, ""]:
    q = net(state)
    q_sa = q.gather(1, action)
    return F.smooth_l1_loss(q_sa, target)


def main() -> Tensor:
    torch.manual_seed(0)
    return dqn_loss(QNet(4, 3), torch.randn(5, 4), torch.randint(0, 3, (5,)), torch.randn(5))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
