import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Rollout(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.cell = nn.RNNCell(dim, dim)
        self.score = nn.Linear(dim, 1)

    @property
    def dim(self) -> int:
        return self.cell.hidden_size

    def forward(self, x: Float[Tensor, "B D"], horizon: int) -> Float[Tensor, ""]:
        h = torch.zeros(x.shape[0], self.dim)
        states = []
        for step in range(horizon):
            h = self.cell(x, h)
            states.append(h)
        history: Float[Tensor, "B {horizon} D"] = torch.stack(states, 0)
        values = self.score(history).squeeze(-1)
        return values[:, -1].mean()


def main() -> Tensor:
    torch.manual_seed(0)
    return Rollout(4)(torch.randn(3, 4), 6)


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
