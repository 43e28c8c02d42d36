import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


POOLED = 6


class AlexTail(nn.Module):
    def __init__(self, num_classes: int = 100, dropout: float = 0.5) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d((POOLED + 1, POOLED + 1))
        self.classifier = nn.Sequential(
            nn.Dropout(p=dropout),
            nn.Linear(256 * POOLED * POOLED, 128),
            nn.ReLU(inplace=True),
            nn.Linear(128, num_classes),
        )

    def forward(self, x: Float[Tensor, "N 256 h w"]) -> Float[Tensor, "N num_classes"]:
        x = self.avgpool(x)
        x = torch.flatten(x, 1)
        return self.classifier(x)


def main() -> Tensor:
    torch.manual_seed(0)
    return AlexTail()(torch.randn(2, 256, 13, 13))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
