import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


def block(cin: int, cout: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(cin, cout, 3, padding=1), nn.ReLU())


class UNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.enc = nn.ModuleList([block(3, 16), block(16, 32), block(32, 64)])
        self.mid = block(64, 128)
        self.ups = nn.ModuleList(
            [nn.ConvTranspose2d(128, 64, 2, 2), nn.ConvTranspose2d(64, 32, 2, 2), nn.ConvTranspose2d(32, 16, 2, 2)]
        )
        self.dec = nn.ModuleList([block(128, 64), block(64, 32), block(32, 16)])
        self.head = nn.Conv2d(16, 1, 1)

    def forward(self, x: Float[Tensor, "N 3 H W"]) -> Float[Tensor, "N 1 H W"]:
        skips = []
        for enc in self.enc:
            x = enc(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.mid(x)
        for up, dec, skip in zip(self.ups, self.dec, skips):
            x = dec(torch.cat([skip, up(x)], dim=1))
        return self.head(x)


def main() -> Tensor:
    torch.manual_seed(0)
    return UNet()(torch.randn(1, 3, 32, 32))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
