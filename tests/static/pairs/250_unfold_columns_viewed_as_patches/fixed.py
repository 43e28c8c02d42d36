import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Patchify(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.unfold = nn.Unfold(kernel_size=4, stride=4)
        self.embed = nn.Linear(48, dim)

    def forward(self, img: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B L dim"]:
        cols = self.unfold(img)
        patches = cols.permute(0, 2, 1)
        return self.embed(patches)


def main() -> Tensor:
    torch.manual_seed(0)
    return Patchify(8)(torch.randn(2, 3, 8, 12))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
