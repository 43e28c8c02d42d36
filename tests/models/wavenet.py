"""WaveNet: causal convolutions whose reach doubles from layer to layer, gated, with skip connections to the output.

Source: van den Oord et al., "WaveNet: A Generative Model for Raw Audio" (2016).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

import namedtorch
from namedtorch import Float, Int, NamedTensor, checked, named_module

LEVELS, SPEAKERS, CHANNELS, SKIP = 64, 4, 16, 32


class CausalConvolution(nn.Module):
    """A convolution over time that sees the past only: it is padded on the left."""

    def __init__(self, inputs: int, outputs: int, kernel: int, dilation: int = 1) -> None:
        super().__init__()
        self.past = (kernel - 1) * dilation
        self.convolve = named_module(nn.Conv1d(inputs, outputs, kernel, dilation=dilation), "N C T -> N K T")

    def forward(self, x: Float[NamedTensor, "N C T"]) -> Float[NamedTensor, "N K T"]:
        return self.convolve(F.pad(x, (self.past, 0)))


@checked
class GatedBlock(nn.Module):
    """One layer: what goes on to the next, and what goes to the output at once."""

    def __init__(self, channels: int, skip: int, condition: int, kernel: int, dilation: int) -> None:
        super().__init__()
        self.channels = channels
        self.skip = skip
        self.causal = CausalConvolution(channels, 2 * channels, kernel, dilation)
        self.condition = named_module(nn.Linear(condition, 2 * channels, bias=False), "G -> K")
        self.mix = named_module(nn.Conv1d(channels, channels, 1), "N C T -> N C T")
        self.out = named_module(nn.Conv1d(channels, skip, 1), "N C T -> N S T")

    def forward(
        self, x: Float[NamedTensor, "N C=self.channels T"], condition: Float[NamedTensor, "N G"]
    ) -> tuple[Float[NamedTensor, "N C T"], Float[NamedTensor, "N S=self.skip T"]]:
        both = self.causal(x)
        both = both + self.condition(condition).align_as(both)
        content, gate = both.chunk(2, "K")
        z = (content.tanh() * gate.sigmoid()).rename(K="C")
        return x + self.mix(z), self.out(z)


@checked
class WaveNet(nn.Module):
    """For each sample of a signal in mu-law levels, the scores of the next one."""

    def __init__(
        self, levels: int, speakers: int, channels: int, skip: int, cycles: int = 2, depth: int = 4
    ) -> None:
        super().__init__()
        self.levels = levels
        self.embed = named_module(nn.Embedding(levels, channels), "N T -> N T C")
        self.speakers = named_module(nn.Embedding(speakers, channels), "N -> N G")
        self.first = CausalConvolution(channels, channels, 2)
        self.blocks = nn.ModuleList(
            GatedBlock(channels, skip, channels, kernel=2, dilation=2**layer)
            for _ in range(cycles)
            for layer in range(depth)
        )
        self.head = nn.Sequential(nn.ReLU(), nn.Conv1d(skip, skip, 1), nn.ReLU(), nn.Conv1d(skip, levels, 1))

    def forward(
        self, samples: Int[NamedTensor, "N T"], speaker: Int[NamedTensor, "N"]
    ) -> Float[NamedTensor, "N level=self.levels T"]:
        condition = self.speakers(speaker)
        x = self.first(self.embed(samples).align_to("N", "C", "T")).rename(K="C")
        skips: list[NamedTensor] = []
        for block in self.blocks:
            x, skip = block(x, condition)
            skips.append(skip)
        total = namedtorch.stack(skips, "layer").sum("layer")
        return self.head(total).refine_names("N", "level", "T")


def make() -> nn.Module:
    torch.manual_seed(0)
    return WaveNet(LEVELS, SPEAKERS, CHANNELS, SKIP)


SIZES = ({"N": 2, "T": 20}, {"N": 1, "T": 33})


def example(N: int, T: int) -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(N + T)
    samples = torch.randint(0, LEVELS, (N, T), generator=generator)
    return samples, torch.randint(0, SPEAKERS, (N,), generator=generator)


def wrong() -> tuple[Tensor, ...]:
    """Samples with an axis for channels."""
    samples, speaker = example(2, 20)
    return samples.unsqueeze(1), speaker


REFUSED = "`samples` has rank 3, but `N T` has rank 2"
