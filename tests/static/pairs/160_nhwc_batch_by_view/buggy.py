import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Stem(nn.Module):
    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3, padding=1)

    def forward(self, frames: Float[Tensor, "B H W 3"]) -> Float[Tensor, "B width H W"]:
        b, h, w, c = frames.shape
        images = frames.reshape(b, c, h, w)
        return F.relu(self.conv(images * 2 - 1))


def main() -> Tensor:
    torch.manual_seed(0)
    return Stem()(torch.rand(2, 12, 10, 3))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
