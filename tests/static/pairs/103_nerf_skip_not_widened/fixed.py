import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class RadianceMLP(nn.Module):
    """Positional encoding in, density and colour out; the input is fed again in the middle."""

    def __init__(self, in_ch: int = 63, width: int = 128) -> None:
        super().__init__()
        self.head = nn.ModuleList([nn.Linear(in_ch, width)] + [nn.Linear(width, width) for _ in range(3)])
        self.tail = nn.ModuleList([nn.Linear(width + in_ch, width)] + [nn.Linear(width, width) for _ in range(2)])
        self.out = nn.Linear(width, 4)

    def forward(self, pts: Float[Tensor, "rays in_ch"]) -> Float[Tensor, "rays 4"]:
        h = pts
        for layer in self.head:
            h = F.relu(layer(h))
        h = torch.cat([pts, h], dim=-1)
        for layer in self.tail:
            h = F.relu(layer(h))
        return self.out(h)


def main() -> Tensor:
    torch.manual_seed(0)
    return RadianceMLP()(torch.randn(6, 63))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
