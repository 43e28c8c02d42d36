import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class ConvAE(nn.Module):
    def __init__(self, base: int = 8) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, base, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(base, base * 2, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(base * 2, base * 4, 3, stride=2, padding=1),
        )
        extra = 0
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(base * 4, base * 2, 3, stride=2, padding=1, output_padding=extra),
            nn.ReLU(),
            nn.ConvTranspose2d(base * 2, base, 3, stride=2, padding=1, output_padding=extra),
            nn.ReLU(),
            nn.ConvTranspose2d(base, 1, 3, stride=2, padding=1, output_padding=extra),
            nn.Sigmoid(),
        )

    def forward(self, x: Float[Tensor, "N 1 25 25"]) -> Float[Tensor, "N 1 25 25"]:
        return self.decoder(self.encoder(x))


def main() -> Tensor:
    torch.manual_seed(0)
    return ConvAE()(torch.rand(3, 1, 25, 25))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
