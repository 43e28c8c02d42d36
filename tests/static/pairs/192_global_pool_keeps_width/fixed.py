import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Head(nn.Module):
    def __init__(self, in_features: int, num_classes: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(in_features)
        self.fc = nn.Linear(in_features, num_classes)

    def forward(self, x: Float[Tensor, "N in_features H W"]) -> Float[Tensor, "N num_classes"]:
        x = x.mean(dim=(2, 3))
        x = self.norm(x)
        return self.fc(x)


def main() -> Tensor:
    torch.manual_seed(0)
    return Head(32, 5)(torch.randn(2, 32, 7, 6))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
