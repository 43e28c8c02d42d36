import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Discriminator(nn.Module):
    def __init__(self, n_in: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(n_in, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))

    def forward(self, x: Float[Tensor, "N n_in"]) -> Float[Tensor, "N 1"]:
        return self.layers(x)


def step(net: Discriminator, x: Float[Tensor, "N n_in"], label: Float[Tensor, "N"]) -> Float[Tensor, ""]:
    criterion = nn.BCEWithLogitsLoss()
    output = net(x)
    return criterion(output, label)


def main() -> Tensor:
    torch.manual_seed(0)
    return step(Discriminator(12), torch.randn(5, 12), torch.ones(5))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
