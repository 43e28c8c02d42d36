"""Recurrent layers and attention that are given the batch first without `batch_first`."""

import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


class Wrong(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(16, 32)
        self.attention = nn.MultiheadAttention(32, 4)

    def forward(self, x: Float[Tensor, "B T 16"]) -> Float[Tensor, "B T 32"]:
        y, _ = self.lstm(x)  # warning: [batch-order-differs]
        return y

    def attend(self, x: Float[Tensor, "B T 32"]) -> Float[Tensor, "B T 32"]:
        y, _ = self.attention(x, x, x)  # warning: [batch-order-differs]
        return y


class Right(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(16, 32)
        self.first = nn.LSTM(16, 32, batch_first=True)
        self.attention = nn.MultiheadAttention(32, 4)

    def forward(self, x: Float[Tensor, "B T 16"]) -> Float[Tensor, "B T 32"]:
        y, _ = self.lstm(x.transpose(0, 1))  # dims: T B 32
        z, _ = self.first(x)  # dims: B T 32
        return y.transpose(0, 1) + z

    def time_first(self, x: Float[Tensor, "T B 16"]) -> Float[Tensor, "T B 32"]:
        y, (h, c) = self.lstm(x)  # dims: T B 32  # dims: 1 B 32  # dims: 1 B 32
        a, _ = self.attention(y, y, y)  # dims: T B 32
        return a
