import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class TimeDelayNet(nn.Module):
    def __init__(self, delays: int, hidden: int = 16) -> None:
        super().__init__()
        self.stack = nn.Sequential(nn.Linear(delays, hidden), nn.Tanh(), nn.Linear(hidden, 1))

    def forward(self, x: Float[Tensor, "N delays"]) -> Float[Tensor, "N"]:
        return self.stack(x).squeeze(-1)


def correct(model: TimeDelayNet, X: Float[Tensor, "N delays"], y: Int[Tensor, "N"]) -> Float[Tensor, ""]:
    pred = model(X)
    hits = (pred > 0).long() == y
    return hits.float().mean()


def main() -> Tensor:
    torch.manual_seed(0)
    return correct(TimeDelayNet(12), torch.randn(6, 12), torch.randint(0, 2, (6,)))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
