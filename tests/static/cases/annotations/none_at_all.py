"""Without annotations, what constructors, literals and factories fix is known."""

import torch
import torch.nn as nn


class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(784, 128)
        self.b = nn.Linear(128, 10)

    def forward(self, x):
        x = self.a(x)  # dims: ... 128
        x = self.b(x)  # dims: ... 10
        return x


class Wrong(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(784, 128)
        self.b = nn.Linear(64, 10)

    def forward(self, x):
        x = torch.relu(self.a(x))  # dims: ... 128
        return self.b(x)  # error: [contracted-dims-differ]


def script():
    x = torch.randn(4, 3, 8, 8)  # dims: 4 3 8 8
    y = nn.Conv2d(3, 6, 3)(x)  # dims: 4 6 6 6
    z = y.flatten(1)  # dims: 4 216
    return z @ torch.zeros(100, 2)  # error: [contracted-dims-differ]


def nothing_known(x, y):
    z = x + y  # dims: unknown
    return torch.cat([z, x], 1).view(3, -1)
