import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Policy(nn.Module):
    def __init__(self, n_obs: int, n_actions: int, hidden: int = 32) -> None:
        super().__init__()
        self.fc1 = nn.Linear(n_obs, hidden)
        self.fc2 = nn.Linear(hidden, n_actions)

    def forward(self, obs: Float[Tensor, "batch n_obs"]) -> Float[Tensor, "batch n_actions"]:
        x = F.relu(self.fc1(obs))
        return F.softmax(self.fc2(x), dim=1)


def main() -> Tensor:
    torch.manual_seed(0)
    return Policy(4, 3)(torch.randn(5, 4))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
