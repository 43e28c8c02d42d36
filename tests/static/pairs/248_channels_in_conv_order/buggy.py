import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Decoder(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.d1 = nn.ConvTranspose2d(4 * width, 2 * width, 4, stride=2, padding=1)
        self.d2 = nn.ConvTranspose2d(width, 2 * width, 4, stride=2, padding=1)
        self.out = nn.Conv2d(width, 3, 3, padding=1)

    def forward(self, z: Float[Tensor, "N c h w"]) -> Float[Tensor, "N 3 h*4 w*4"]:
        z = F.relu(self.d1(z))
        z = F.relu(self.d2(z))
        return torch.tanh(self.out(z))


def main() -> Tensor:
    torch.manual_seed(0)
    return Decoder(16)(torch.randn(2, 64, 4, 4))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
