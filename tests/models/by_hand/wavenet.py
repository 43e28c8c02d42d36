"""WaveNet, in positions."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

LEVELS, SPEAKERS, CHANNELS, SKIP = 64, 4, 16, 32


class CausalConvolution(nn.Module):
    def __init__(self, inputs: int, outputs: int, kernel: int, dilation: int = 1) -> None:
        super().__init__()
        self.past = (kernel - 1) * dilation
        self.convolve = nn.Conv1d(inputs, outputs, kernel, dilation=dilation)

    def forward(self, x: Tensor) -> Tensor:
        return self.convolve(F.pad(x, (self.past, 0)))


class GatedBlock(nn.Module):
    def __init__(self, channels: int, skip: int, condition: int, kernel: int, dilation: int) -> None:
        super().__init__()
        self.causal = CausalConvolution(channels, 2 * channels, kernel, dilation)
        self.condition = nn.Linear(condition, 2 * channels, bias=False)
        self.mix = nn.Conv1d(channels, channels, 1)
        self.out = nn.Conv1d(channels, skip, 1)

    def forward(self, x: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        both = self.causal(x) + self.condition(condition).unsqueeze(2)
        content, gate = both.chunk(2, 1)
        z = content.tanh() * gate.sigmoid()
        return x + self.mix(z), self.out(z)


class WaveNet(nn.Module):
    def __init__(
        self, levels: int, speakers: int, channels: int, skip: int, cycles: int = 2, depth: int = 4
    ) -> None:
        super().__init__()
        self.embed = nn.Embedding(levels, channels)
        self.speakers = nn.Embedding(speakers, channels)
        self.first = CausalConvolution(channels, channels, 2)
        self.blocks = nn.ModuleList(
            GatedBlock(channels, skip, channels, kernel=2, dilation=2**layer)
            for _ in range(cycles)
            for layer in range(depth)
        )
        self.head = nn.Sequential(nn.ReLU(), nn.Conv1d(skip, skip, 1), nn.ReLU(), nn.Conv1d(skip, levels, 1))

    def forward(self, samples: Tensor, speaker: Tensor) -> Tensor:
        condition = self.speakers(speaker)
        x = self.first(self.embed(samples).transpose(1, 2))
        skips: list[Tensor] = []
        for block in self.blocks:
            x, skip = block(x, condition)
            skips.append(skip)
        return self.head(torch.stack(skips).sum(0))


def make() -> nn.Module:
    torch.manual_seed(0)
    return WaveNet(LEVELS, SPEAKERS, CHANNELS, SKIP)
