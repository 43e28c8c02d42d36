import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class WideHead(nn.Module):
    def __init__(self, num_classes: int, width: int = 32) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, width, 3, stride=1, padding=1, bias=False)
        self.stage1 = nn.Conv2d(width, width * 2, 3, stride=2, padding=1, bias=False)
        self.stage2 = nn.Conv2d(width * 2, width * 4, 3, stride=2, padding=1, bias=False)
        self.stage3 = nn.Conv2d(width * 4, width * 8, 3, stride=2, padding=1, bias=False)
        self.linear = nn.Linear(width * 8, num_classes)

    def forward(self, x: Float[Tensor, "N 3 64 64"]) -> Float[Tensor, "N num_classes"]:
        out = F.relu(self.stem(x))
        out = F.relu(self.stage1(out))
        out = F.relu(self.stage2(out))
        out = F.relu(self.stage3(out))
        out = F.avg_pool2d(out, 4)
        out = out.view(out.size(0), -1)
        return self.linear(out)


def main() -> Tensor:
    torch.manual_seed(0)
    return WideHead(10)(torch.randn(2, 3, 64, 64))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
