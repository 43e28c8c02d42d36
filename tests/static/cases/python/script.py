"""The statements of a module are checked as a script."""

import torch
import torch.nn as nn
import torch.nn.functional as F

model = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10))
images = torch.rand(16, 1, 28, 28)  # dims: 16 1 28 28
logits = model(images)  # dims: 16 10
labels = torch.randint(0, 10, (16,))  # dims: 16
loss = F.cross_entropy(logits, labels)  # dims:
wrong = model(images[:, :, :14])  # error: [contracted-dims-differ]
accuracy = (logits.argmax(1) == labels).float().mean()  # dims:

for step in range(3):
    noise = torch.randn(16, 8)  # dims: 16 8
    mixed = torch.cat([logits, noise], dim=0)  # error: [cat-sizes-differ]


def by_constant():
    y = logits @ torch.zeros(10, 3)  # dims: 16 3
    return y
