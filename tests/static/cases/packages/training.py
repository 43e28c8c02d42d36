"""A script that uses the package, by absolute imports, a re-export and a star."""

import torch
import vision.blocks
from vision import ConvBlock, Model
from vision.blocks import pooled as pool


def train() -> None:
    model = Model()
    images = torch.randn(8, 3, 32, 32)
    logits = model(images)  # dims: 8 10
    loss = torch.nn.functional.cross_entropy(logits, torch.randint(10, (8,)))  # dims:
    loss.backward()
    features = ConvBlock(3, 5)(images)  # dims: 8 5 32 32
    flat = pool(features)  # dims: 8 5
    vision.blocks.Head(5, 2)(flat)  # dims: 8 2
    vision.blocks.Head(6, 2)(flat)  # error: [contracted-dims-differ]


if __name__ == "__main__":
    train()
