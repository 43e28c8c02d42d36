"""Recurrent layers: outputs and states."""

import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


class Tagger(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(10, 20, num_layers=2, batch_first=True, bidirectional=True)
        self.gru = nn.GRU(40, 7, batch_first=True)
        self.cell = nn.LSTMCell(10, 30)

    def forward(self, x: Float[Tensor, "B T 10"]) -> Float[Tensor, "B T 7"]:
        out, (h, c) = self.lstm(x)  # dims: B T 40  # dims: 4 B 20  # dims: 4 B 20
        y, last = self.gru(out)  # dims: B T 7  # dims: 1 B 7
        return y + last.transpose(0, 1) + h.mean() + c.mean()

    def step(self, x: Float[Tensor, "B 10"], h: Float[Tensor, "B 30"]) -> Float[Tensor, "B 30"]:
        h, c = self.cell(x, (h, h))  # dims: B 30  # dims: B 30
        return h + c

    def forgot_directions(self, x: Float[Tensor, "B T 10"]) -> Float[Tensor, "B T 20"]:
        out, _ = self.lstm(x)
        return out  # error: [result-differs]

    def wrong_input(self, x: Float[Tensor, "B T 11"]) -> Tensor:
        out, _ = self.lstm(x)  # error: [contracted-dims-differ]
        return out
