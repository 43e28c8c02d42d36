import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Backbone(nn.Module):
    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, width, 3, stride=4, padding=1)
        self.c3 = nn.Conv2d(width, width, 3, stride=2, padding=1)
        self.c4 = nn.Conv2d(width, width, 3, stride=2, padding=1)
        self.c5 = nn.Conv2d(width, width, 3, stride=2, padding=1)

    def forward(
        self, x: Float[Tensor, "N 3 H W"]
    ) -> tuple[
        Float[Tensor, "N width H//8 W//8"], Float[Tensor, "N width H//16 W//16"], Float[Tensor, "N width H//32 W//32"]
    ]:
        out = []
        x = F.relu(self.stem(x))
        for layer in (self.c3, self.c4, self.c5):
            x = F.relu(layer(x))
            out.append(x)
        return out[2], out[1], out[0]


def main() -> Tensor:
    torch.manual_seed(0)
    return Backbone()(torch.randn(1, 3, 64, 96))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
