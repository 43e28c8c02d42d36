import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class SPPNet(nn.Module):
    def __init__(self, channels: int, num_classes: int, levels: tuple[int, ...] = (4, 2, 1)) -> None:
        super().__init__()
        self.levels = levels
        self.conv = nn.Conv2d(3, channels, 3, padding=1)
        self.fc = nn.Linear(channels * sum(n * n for n in levels), num_classes)

    def spatial_pyramid_pool(self, x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N F"]:
        num_sample = x.size(0)
        pooled = []
        for n in self.levels:
            pooled.append(F.adaptive_max_pool2d(x, n).view(num_sample, -1))
        return torch.cat(pooled, 0)

    def forward(self, x: Float[Tensor, "N 3 H W"]) -> Float[Tensor, "N num_classes"]:
        x = F.relu(self.conv(x))
        return self.fc(self.spatial_pyramid_pool(x))


def main() -> Tensor:
    torch.manual_seed(0)
    return SPPNet(16, 5)(torch.randn(2, 3, 30, 41))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
