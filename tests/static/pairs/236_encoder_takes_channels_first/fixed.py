import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Trunk(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.c1 = nn.Conv2d(4, 16, 8, stride=4)
        self.c2 = nn.Conv2d(16, 32, 4, stride=2)

    def forward(self, x: Float[Tensor, "B 4 H W"]) -> Float[Tensor, "B 32"]:
        h = F.relu(self.c2(F.relu(self.c1(x / 255.0))))
        return h.amax(dim=(2, 3))


class Agent(nn.Module):
    def __init__(self, n_actions: int) -> None:
        super().__init__()
        self.trunk = Trunk()
        self.head = nn.Linear(32, n_actions)

    def forward(self, frames: Float[Tensor, "B H W 4"]) -> Float[Tensor, "B n_actions"]:
        return self.head(self.trunk(frames.permute(0, 3, 1, 2)))


def main() -> Tensor:
    torch.manual_seed(0)
    return Agent(6)(torch.rand(2, 36, 36, 4))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
