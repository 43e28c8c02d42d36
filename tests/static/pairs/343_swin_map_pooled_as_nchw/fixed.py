import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class Permute(nn.Module):
    def __init__(self, dims: list[int]) -> None:
        super().__init__()
        self.dims = dims

    def forward(self, x: Float[Tensor, "*before"]) -> Float[Tensor, "*after"]:
        return torch.permute(x, self.dims)


class SwinHead(nn.Module):
    def __init__(self, num_features: int, num_classes: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(num_features)
        self.permute = Permute([0, 3, 1, 2])
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten(1)
        self.head = nn.Linear(num_features, num_classes)

    def forward(self, x: Float[Tensor, "B H W num_features"]) -> Float[Tensor, "B num_classes"]:
        x = self.norm(x)
        x = self.avgpool(self.permute(x))
        x = self.flatten(x)
        return self.head(x)


def main() -> Tensor:
    torch.manual_seed(0)
    return SwinHead(48, 10)(torch.randn(2, 7, 7, 48))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
