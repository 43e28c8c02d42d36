import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


KERNEL = 4


class Prenet(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(channels, channels, KERNEL)

    def forward(self, x: Float[Tensor, "B channels T"]) -> Float[Tensor, "B channels T"]:
        padded = F.pad(x, (KERNEL // 2, KERNEL // 2))
        return F.relu(self.conv(padded))


def main() -> Tensor:
    torch.manual_seed(0)
    return Prenet(20)(torch.randn(2, 20, 15))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
