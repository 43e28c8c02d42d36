import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Head(nn.Module):
    """What all dense heads share."""

    def __init__(self, in_ch: int, out_ch: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_ch, in_ch // 2, 3, padding=1)
        self.conv2 = nn.Conv2d(in_ch // 2, out_ch, 1)

    def run(self, x: Float[Tensor, "N c h w"]) -> Tensor:
        return self.conv2(F.relu(self.conv1(x)))


class DepthHead(Head):
    def __init__(self, in_ch: int) -> None:
        super().__init__(in_ch, 1)

    def forward(self, x: Float[Tensor, "N in_ch H W"]) -> Float[Tensor, "N H W"]:
        depth = F.softplus(self.run(x))
        return depth.squeeze(1)


def main() -> Tensor:
    torch.manual_seed(0)
    return DepthHead(8)(torch.randn(2, 8, 6, 7))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
