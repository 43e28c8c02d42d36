import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class C3D(nn.Module):
    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.conv = nn.Conv3d(3, 12, kernel_size=3, padding=1)
        self.pool = nn.AdaptiveAvgPool3d(1)
        self.fc = nn.Linear(12, num_classes)

    def forward(self, frames: Float[Tensor, "B T 3 H W"]) -> Float[Tensor, "B num_classes"]:
        b, t, c, h, w = frames.size()
        x = frames.contiguous().view(b, c, t, h, w)
        x = F.relu(self.conv(x))
        return self.fc(self.pool(x).flatten(1))


def main() -> Tensor:
    torch.manual_seed(0)
    return C3D(4)(torch.randn(2, 8, 3, 16, 20))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
