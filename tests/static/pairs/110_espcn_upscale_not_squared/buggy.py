import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class ESPCN(nn.Module):
    def __init__(self, channels: int = 3, upscale: int = 3) -> None:
        super().__init__()
        self.feature = nn.Sequential(
            nn.Conv2d(channels, 64, 5, padding=2), nn.Tanh(), nn.Conv2d(64, 32, 3, padding=1), nn.Tanh()
        )
        self.to_sub = nn.Conv2d(32, channels * upscale, 3, padding=1)
        self.shuffle = nn.PixelShuffle(upscale)
        self.r = upscale

    def forward(self, lr: Float[Tensor, "N channels H W"]) -> Float[Tensor, "N channels H*{self.r} W*{self.r}"]:
        x = self.feature(lr)
        return torch.sigmoid(self.shuffle(self.to_sub(x)))


def main() -> Tensor:
    torch.manual_seed(0)
    return ESPCN(3, 3)(torch.randn(2, 3, 12, 10))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
