import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Colorization(nn.Module):
    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.low = nn.Sequential(
            nn.Conv2d(1, width, kernel_size=3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, width, kernel_size=3, padding=1),
            nn.ReLU(),
        )
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        self.ab = nn.Conv2d(width, 2, kernel_size=3, padding=1)

    def forward(self, l_images: Float[Tensor, "N H W"]) -> Float[Tensor, "N 2 H W"]:
        x = l_images.unsqueeze(1)
        x = self.up(self.low(x))
        return torch.tanh(self.ab(x))


def main() -> Tensor:
    torch.manual_seed(0)
    return Colorization()(torch.randn(4, 32, 40))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
