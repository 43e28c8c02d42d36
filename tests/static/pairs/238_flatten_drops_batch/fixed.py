import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class SmallNet(nn.Module):
    def __init__(self, num_classes: int = 10) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2))
        self.fc = nn.Linear(4 * 6 * 6, num_classes)

    def forward(self, x: Float[Tensor, "batch 1 14 14"]) -> Float[Tensor, "batch num_classes"]:
        x = self.features(x)
        x = torch.flatten(x, start_dim=1)
        return F.log_softmax(self.fc(x), dim=1)


def main() -> Tensor:
    torch.manual_seed(0)
    return SmallNet()(torch.randn(4, 1, 14, 14))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
