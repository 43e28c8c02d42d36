import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Encoder(nn.Module):
    def __init__(self, latent: int = 32) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3)
        self.conv2 = nn.Conv2d(16, 32, 3)
        self.conv3 = nn.Conv2d(32, 64, 3)
        self.conv4 = nn.Conv2d(64, latent, 3)

    def forward(self, x: Float[Tensor, "N 1 28 28"]) -> Float[Tensor, "N latent"]:
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.max_pool2d(F.relu(self.conv3(x)), 2)
        return self.conv4(x).flatten(1)


def main() -> Tensor:
    torch.manual_seed(0)
    return Encoder()(torch.randn(4, 1, 28, 28))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
