import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Regressor(nn.Module):
    def __init__(self, n_features: int, hidden: int = 32) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(n_features, hidden), nn.ReLU(), nn.Linear(hidden, 1))

    def forward(self, x: Float[Tensor, "N n_features"]) -> Float[Tensor, "N 1"]:
        return self.net(x)

    def loss(self, x: Float[Tensor, "N n_features"], y: Float[Tensor, "N"]) -> Float[Tensor, ""]:
        pred = self(x)
        return F.mse_loss(pred, y.unsqueeze(1))


def main() -> Tensor:
    torch.manual_seed(0)
    return Regressor(8).loss(torch.randn(6, 8), torch.randn(6))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
