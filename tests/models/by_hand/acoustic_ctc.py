"""The acoustic model for CTC, in positions."""

import torch
from torch import Tensor, nn

BANDS, CHANNELS, HIDDEN, LETTERS = 20, 8, 24, 12


def within(lengths: Tensor, steps: int) -> Tensor:
    return torch.arange(steps, device=lengths.device) < lengths.unsqueeze(1)


def halved(lengths: Tensor) -> Tensor:
    return torch.div(lengths - 1, 2, rounding_mode="floor") + 1


class ConvolutionBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: tuple[int, int]) -> None:
        super().__init__()
        self.convolve = nn.Conv2d(
            inputs, outputs, kernel_size=(5, 3), stride=stride, padding=(2, 1), bias=False
        )
        self.norm = nn.BatchNorm2d(outputs)
        self.act = nn.Hardtanh(0.0, 20.0)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        y = self.act(self.norm(self.convolve(x)))
        mask = within(lengths, y.size(3))
        return y.masked_fill(~mask[:, None, None, :], 0.0)


class RecurrentBlock(nn.Module):
    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(inputs)
        self.gru = nn.GRU(inputs, hidden, bidirectional=True)

    def forward(self, x: Tensor) -> Tensor:
        y, _ = self.gru(self.norm(x))
        return y.view(y.size(0), y.size(1), 2, -1).sum(2)


class AcousticModel(nn.Module):
    def __init__(self, bands: int, channels: int, hidden: int, letters: int, layers: int = 2) -> None:
        super().__init__()
        self.first = ConvolutionBlock(1, channels, stride=(2, 2))
        self.second = ConvolutionBlock(channels, channels, stride=(2, 1))
        features = channels * (((bands - 1) // 2 + 1 - 1) // 2 + 1)
        self.recurrent = nn.ModuleList(
            RecurrentBlock(features if layer == 0 else hidden, hidden) for layer in range(layers)
        )
        self.norm = nn.LayerNorm(hidden)
        self.classify = nn.Linear(hidden, letters)

    def forward(self, spectrogram: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        x = spectrogram.unsqueeze(1)
        lengths = halved(lengths)
        x = self.first(x, lengths)
        x = self.second(x, lengths)
        x = x.permute(3, 0, 1, 2).flatten(2)
        for block in self.recurrent:
            x = block(x)
        return self.classify(self.norm(x)).log_softmax(2), lengths


def make() -> nn.Module:
    torch.manual_seed(0)
    return AcousticModel(BANDS, CHANNELS, HIDDEN, LETTERS)
