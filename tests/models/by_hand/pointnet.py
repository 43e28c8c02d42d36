"""PointNet, in positions."""

import torch
from torch import Tensor, nn

CLASSES = 10


class SharedLayer(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.linear = nn.Conv1d(inputs, outputs, 1)
        self.norm = nn.BatchNorm1d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.norm(self.linear(x)))


class DenseLayer(nn.Module):
    def __init__(self, inputs: int, outputs: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, outputs)
        self.dropout = nn.Dropout(dropout)
        self.norm = nn.BatchNorm1d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.norm(self.dropout(self.linear(x))))


class AlignmentNet(nn.Module):
    def __init__(self, features: int, width: int) -> None:
        super().__init__()
        self.features = features
        self.points = nn.ModuleList([SharedLayer(features, width), SharedLayer(width, 4 * width)])
        self.cloud = DenseLayer(4 * width, width)
        self.matrix = nn.Linear(width, features * features)
        nn.init.normal_(self.matrix.weight, std=1e-2)
        nn.init.zeros_(self.matrix.bias)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.points:
            x = layer(x)
        cloud = self.cloud(x.max(2).values)
        matrix = self.matrix(cloud).view(-1, self.features, self.features)
        return matrix + torch.eye(self.features, device=matrix.device)


class PointNet(nn.Module):
    def __init__(self, classes: int, width: int = 32) -> None:
        super().__init__()
        self.align_points = AlignmentNet(3, width)
        self.low = SharedLayer(3, width)
        self.align_features = AlignmentNet(width, width)
        self.high = nn.ModuleList([SharedLayer(width, 2 * width), SharedLayer(2 * width, 8 * width)])
        self.cloud = nn.ModuleList([DenseLayer(8 * width, 4 * width), DenseLayer(4 * width, 2 * width, 0.3)])
        self.classify = nn.Linear(2 * width, classes)

    def forward(self, points: Tensor) -> tuple[Tensor, Tensor]:
        x = points.transpose(1, 2)
        x = torch.bmm(self.align_points(x).transpose(1, 2), x)
        x = self.low(x)
        matrix = self.align_features(x)
        x = torch.bmm(matrix.transpose(1, 2), x)
        for layer in self.high:
            x = layer(x)
        cloud = x.amax(2)
        for dense in self.cloud:
            cloud = dense(cloud)
        return self.classify(cloud), matrix


def make() -> nn.Module:
    torch.manual_seed(0)
    return PointNet(CLASSES)
