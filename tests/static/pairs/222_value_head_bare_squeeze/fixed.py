import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Critic(nn.Module):
    def __init__(self, n_obs: int) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(n_obs, 32), nn.Tanh(), nn.Linear(32, 1))

    def forward(self, obs: Float[Tensor, "B n_obs"]) -> Float[Tensor, "B"]:
        return self.net(obs).squeeze(-1)


def main() -> Tensor:
    torch.manual_seed(0)
    return Critic(6)(torch.randn(1, 6))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
