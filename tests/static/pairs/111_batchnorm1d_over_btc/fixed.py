import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class FrameMLP(nn.Module):
    def __init__(self, n_mels: int, hidden: int) -> None:
        super().__init__()
        self.fc = nn.Linear(n_mels, hidden)
        self.bn = nn.BatchNorm1d(hidden)

    def forward(self, x: Float[Tensor, "B T n_mels"]) -> Float[Tensor, "B T hidden"]:
        h = F.relu(self.fc(x))
        return self.bn(h.transpose(1, 2)).transpose(1, 2)


def main() -> Tensor:
    torch.manual_seed(0)
    return FrameMLP(40, 64)(torch.randn(4, 25, 40))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
