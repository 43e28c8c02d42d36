import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class MiniUNet(nn.Module):
    def __init__(self, in_ch: int, n_classes: int) -> None:
        super().__init__()
        self.inc = nn.Conv2d(in_ch, 16, 3, padding=1)
        self.down = nn.Conv2d(16, 32, 3, padding=1)
        self.up = nn.ConvTranspose2d(32, 16, 2, stride=2)
        self.fuse = nn.Conv2d(32, 16, 3, padding=1)
        self.outc = nn.Conv2d(16, n_classes, 1)

    def forward(self, x: Float[Tensor, "N in_ch 45 45"]) -> Float[Tensor, "N n_classes 45 45"]:
        x1 = F.relu(self.inc(x))
        x2 = F.relu(self.down(F.max_pool2d(x1, 2)))
        u = self.up(x2)
        u = torch.cat([x1, u], dim=1)
        return self.outc(F.relu(self.fuse(u)))


def main() -> Tensor:
    torch.manual_seed(0)
    return MiniUNet(3, 2)(torch.randn(1, 3, 45, 45))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
