"""PointNet: classifies a set of points, whatever their order, after turning the points and their features.

Source: Qi, Su, Mo, Guibas, "PointNet: Deep Learning on Point Sets for 3D Classification and Segmentation" (2017).
"""

import torch
from torch import Tensor, nn

import namedtorch
from namedtorch import Float, NamedTensor, checked, named_module

CLASSES = 10


class SharedLayer(nn.Module):
    """The same linear layer, norm and activation for every point."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.linear = named_module(nn.Conv1d(inputs, outputs, 1), "N C P -> N K P")
        self.norm = nn.BatchNorm1d(outputs)

    def forward(self, x: Float[NamedTensor, "N C P"]) -> Float[NamedTensor, "N K P"]:
        return torch.relu(self.norm(self.linear(x)))


class DenseLayer(nn.Module):
    """A linear layer, norm and activation for every cloud."""

    def __init__(self, inputs: int, outputs: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.linear = named_module(nn.Linear(inputs, outputs), "C -> K")
        self.dropout = nn.Dropout(dropout)
        self.norm = nn.BatchNorm1d(outputs)

    def forward(self, x: Float[NamedTensor, "N C"]) -> Float[NamedTensor, "N K"]:
        return torch.relu(self.norm(self.dropout(self.linear(x))))


@checked
class AlignmentNet(nn.Module):
    """A matrix for each cloud that turns its points; at the start it is near the identity."""

    def __init__(self, features: int, width: int) -> None:
        super().__init__()
        self.features = features
        self.points = nn.ModuleList([SharedLayer(features, width), SharedLayer(width, 4 * width)])
        self.cloud = DenseLayer(4 * width, width)
        self.matrix = named_module(nn.Linear(width, features * features), "C -> entries")
        nn.init.normal_(self.matrix.weight, std=1e-2)
        nn.init.zeros_(self.matrix.bias)

    def forward(
        self, x: Float[NamedTensor, "N C=self.features P"]
    ) -> Float[NamedTensor, "N C K=self.features"]:
        for layer in self.points:
            x = layer(x).rename(K="C")
        cloud = self.cloud(x.max("P").values).rename(K="C")
        matrix = self.matrix(cloud).rearrange("N (C K) -> N C K", C=self.features)
        identity = namedtorch.eye(C=self.features, K=self.features, device=matrix.device)
        return matrix + identity


@checked
class PointNet(nn.Module):
    """The scores of the classes, and the matrices that the loss holds near orthogonal ones."""

    def __init__(self, classes: int, width: int = 32) -> None:
        super().__init__()
        self.classes = classes
        self.align_points = AlignmentNet(3, width)
        self.low = SharedLayer(3, width)
        self.align_features = AlignmentNet(width, width)
        self.high = nn.ModuleList([SharedLayer(width, 2 * width), SharedLayer(2 * width, 8 * width)])
        self.cloud = nn.ModuleList([DenseLayer(8 * width, 4 * width), DenseLayer(4 * width, 2 * width, 0.3)])
        self.classify = named_module(nn.Linear(2 * width, classes), "C -> class")

    def turned(
        self, x: Float[NamedTensor, "N C P"], matrix: Float[NamedTensor, "N C K"]
    ) -> Float[NamedTensor, "N K P"]:
        return namedtorch.einsum("N C P, N C K -> N K P", x, matrix)

    def forward(
        self, points: Float[NamedTensor, "N P C=3"]
    ) -> tuple[Float[NamedTensor, "N class=self.classes"], Float[NamedTensor, "N D E"]]:
        x = points.align_to("N", "C", "P")
        x = self.turned(x, self.align_points(x)).rename(K="C")
        x = self.low(x).rename(K="C")
        matrix = self.align_features(x)
        x = self.turned(x, matrix).rename(K="C")
        for layer in self.high:
            x = layer(x).rename(K="C")
        cloud = x.amax("P")
        for dense in self.cloud:
            cloud = dense(cloud).rename(K="C")
        return self.classify(cloud), matrix.rename(C="D", K="E")


def orthogonality(matrix: Float[NamedTensor, "N C K"]) -> Float[NamedTensor, ""]:
    """How far the matrices are from orthogonal ones: the term of the loss."""
    gram = namedtorch.einsum("N C K, N D K -> N C D", matrix, matrix.rename(C="D"))
    identity = namedtorch.eye(C=matrix.size("C"), D=matrix.size("C"))
    return (gram - identity).square().sum(("C", "D")).mean()


def make() -> nn.Module:
    torch.manual_seed(0)
    return PointNet(CLASSES)


SIZES = ({"N": 2, "P": 30}, {"N": 1, "P": 17})


def example(N: int, P: int) -> tuple[Tensor, ...]:
    return (torch.randn(N, P, 3, generator=torch.Generator().manual_seed(N + P)),)


def wrong() -> tuple[Tensor, ...]:
    """Coordinates in front of the points."""
    return (torch.randn(2, 3, 30),)


REFUSED = "`C` is 3"
