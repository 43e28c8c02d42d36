import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class SpecNet(nn.Module):
    def __init__(self, n_classes: int = 35) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(1, 32, kernel_size=7, stride=2, padding=3, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
        )
        self.body = nn.Conv2d(32, 64, 3, padding=1)
        self.head = nn.Linear(64, n_classes)

    def forward(self, spec: Float[Tensor, "B 1 freq time"]) -> Float[Tensor, "B n_classes"]:
        h = self.stem(spec)
        h = F.relu(self.body(h))
        h = F.adaptive_avg_pool2d(h, 1).flatten(1)
        return self.head(h)


def main() -> Tensor:
    torch.manual_seed(0)
    return SpecNet()(torch.randn(4, 1, 64, 100))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
