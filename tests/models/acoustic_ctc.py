"""An acoustic model for CTC: convolutions over the spectrogram of an utterance, then recurrent layers over time.

Sources: Amodei et al., "Deep Speech 2" (2016); Graves et al., "Connectionist Temporal Classification" (2006).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

import namedtorch
from namedtorch import Bool, Float, Int, NamedTensor, checked, named_module

BANDS, CHANNELS, HIDDEN, LETTERS = 20, 8, 24, 12
BLANK = 0


def within(lengths: Int[NamedTensor, "N"], steps: int) -> Bool[NamedTensor, "N T"]:
    """True at the steps of each utterance, false behind its end."""
    places = namedtorch.arange(T=steps, device=lengths.device)
    return places < lengths.align_to("N", "T")


def halved(lengths: Int[NamedTensor, "N"]) -> Int[NamedTensor, "N"]:
    """The lengths behind a convolution of kernel 3 and stride 2, padded by 1."""
    return torch.div(lengths - 1, 2, rounding_mode="floor") + 1


class ConvolutionBlock(nn.Module):
    """A convolution over bands and time; what lies behind the end of an utterance stays zero."""

    def __init__(self, inputs: int, outputs: int, stride: tuple[int, int]) -> None:
        super().__init__()
        self.convolve = named_module(
            nn.Conv2d(inputs, outputs, kernel_size=(5, 3), stride=stride, padding=(2, 1), bias=False),
            "N C B T -> N K B T",
        )
        self.norm = nn.BatchNorm2d(outputs)
        self.act = nn.Hardtanh(0, 20)

    def forward(
        self, x: Float[NamedTensor, "N C B T"], lengths: Int[NamedTensor, "N"]
    ) -> Float[NamedTensor, "N K ..."]:
        y = self.act(self.norm(self.convolve(x)))
        mask = within(lengths, y.size("T"))
        return y.masked_fill(~mask.align_as(y), 0.0)


class RecurrentBlock(nn.Module):
    """A GRU in both directions, whose outputs are added, behind a layer norm."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(inputs)
        self.gru = named_module(
            nn.GRU(inputs, hidden, bidirectional=True), "T N D -> T N both, direction N hidden"
        )

    def forward(self, x: Float[NamedTensor, "T N D"]) -> Float[NamedTensor, "T N hidden"]:
        y, _ = self.gru(self.norm(x))
        return y.unflatten("both", (("direction", 2), ("hidden", -1))).sum("direction")


@checked
class AcousticModel(nn.Module):
    """Log probabilities of the letters and the blank for each step, time first as `F.ctc_loss` has it."""

    def __init__(self, bands: int, channels: int, hidden: int, letters: int, layers: int = 2) -> None:
        super().__init__()
        self.bands = bands
        self.letters = letters
        self.first = ConvolutionBlock(1, channels, stride=(2, 2))
        self.second = ConvolutionBlock(channels, channels, stride=(2, 1))
        # Both convolutions halve the bands.
        features = channels * (((bands - 1) // 2 + 1 - 1) // 2 + 1)
        self.recurrent = nn.ModuleList(
            RecurrentBlock(features if layer == 0 else hidden, hidden) for layer in range(layers)
        )
        self.norm = nn.LayerNorm(hidden)
        self.classify = named_module(nn.Linear(hidden, letters), "D -> letter")

    def forward(
        self, spectrogram: Float[NamedTensor, "N B=self.bands T"], lengths: Int[NamedTensor, "N"]
    ) -> tuple[Float[NamedTensor, "frames=(T-1)//2+1 N letter=self.letters"], Int[NamedTensor, "N"]]:
        x = spectrogram.align_to("N", "C", "B", "T")
        lengths = halved(lengths)
        x = self.first(x, lengths).rename(K="C")
        x = self.second(x, lengths)
        x = x.rearrange("N K B T -> T N (K B)").rename("T N D")
        for block in self.recurrent:
            x = block(x).rename(hidden="D")
        return self.classify(self.norm(x)).log_softmax("letter").rename(T="frames"), lengths

    def loss(
        self,
        spectrogram: Float[NamedTensor, "N B T"],
        lengths: Int[NamedTensor, "N"],
        text: Int[NamedTensor, "N L"],
        text_lengths: Int[NamedTensor, "N"],
    ) -> Float[NamedTensor, ""]:
        """The mean over the batch of what training makes small."""
        scores, lengths = self.forward(spectrogram, lengths)
        return namedtorch.call(F.ctc_loss, scores, text, lengths, text_lengths, blank=BLANK)


def make() -> nn.Module:
    torch.manual_seed(0)
    return AcousticModel(BANDS, CHANNELS, HIDDEN, LETTERS)


SIZES = ({"N": 3, "T": 13}, {"N": 1, "T": 8})


def example(N: int, T: int) -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(N + T)
    lengths = torch.randint(1, T + 1, (N,), generator=generator)
    return torch.randn(N, BANDS, T, generator=generator), lengths


def wrong() -> tuple[Tensor, ...]:
    """Time in front of the bands."""
    spectrogram, lengths = example(3, 13)
    return spectrogram.transpose(1, 2), lengths


REFUSED = "`B` is 20"
