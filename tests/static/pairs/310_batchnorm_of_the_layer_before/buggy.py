import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from jaxtyping import Bool, Float, Int


class MLP(nn.Module):
    def __init__(self, layer_sizes: list[int], num_classes: int, dropout: float = 0.1) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for in_features, out_features in zip(layer_sizes[:-1], layer_sizes[1:]):
            layers.append(nn.Linear(in_features, out_features))
            layers.append(nn.BatchNorm1d(in_features))
            layers.append(nn.ReLU())
            layers.append(nn.Dropout(dropout))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(layer_sizes[-1], num_classes)

    def forward(self, x: Float[Tensor, "N n_in"]) -> Float[Tensor, "N num_classes"]:
        return self.classifier(self.features(x))


def main() -> Tensor:
    torch.manual_seed(0)
    return MLP([12, 32, 8], 3)(torch.randn(16, 12))


if __name__ == "__main__":
    out = main()
    print(tuple(out.shape) if isinstance(out, Tensor) else out)
