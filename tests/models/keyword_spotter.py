"""A streaming model that remembers: it finds a keyword in sound that arrives in pieces of any length.

What it has seen of the past is a list that every call appends to, and that is cut to what is still of use.

Source: Rybakov et al., "Streaming Keyword Spotting on Mobile Devices" (2020).
"""

import torch
from torch import Tensor, nn

from namedtorch import Float, checked

BANDS, CHANNELS, KEYWORDS = 16, 80, 8


class Normalized(nn.Module):
    """A convolution over time without padding, a norm, an activation."""

    def __init__(self, inputs: int, outputs: int, kernel: int, groups: int = 1) -> None:
        super().__init__()
        self.convolve = nn.Conv1d(inputs, outputs, kernel, groups=groups, bias=False)
        self.norm = nn.BatchNorm1d(outputs)

    def forward(self, x: Float[Tensor, "N C T"]) -> Float[Tensor, "N K frames"]:
        return torch.relu(self.norm(self.convolve(x)))


@checked
class KeywordSpotter(nn.Module):
    """The probability of each keyword so far, with memory of the calls before."""

    # The pieces whose sound still reaches the output, and the scores of the last calls.
    pieces: list[Tensor]
    scores: list[Tensor]
    calls: int

    def __init__(self, bands: int, channels: int, keywords: int, kernel: int = 5, smoothed: int = 3) -> None:
        super().__init__()
        self.bands = bands
        self.keywords = keywords
        self.smoothed = smoothed
        self.past = 2 * (kernel - 1)
        self.pieces = []
        self.scores = []
        self.calls = 0
        self.spread = Normalized(bands, channels, kernel)
        self.deep = Normalized(channels, channels, kernel, groups=channels)
        self.mix = Normalized(channels, channels, 1)
        self.classify = nn.Linear(channels, keywords)

    def forward(self, sound: Float[Tensor, "N self.bands T"]) -> Float[Tensor, "N self.keywords"]:
        if len(self.pieces) == 0 or self.pieces[0].size(0) != sound.size(0):
            # Other streams than before: silence stands before their first sound.
            self.pieces.clear()
            self.scores.clear()
            self.pieces.append(sound.new_zeros(sound.size(0), self.bands, self.past))
        self.pieces.append(sound)
        self.calls += 1

        x = torch.cat(self.pieces, dim=2)
        x = self.mix(self.deep(self.spread(x)))
        self.scores.append(self.classify(x.mean(2)).softmax(1))

        self.forget()
        return torch.stack(self.scores).mean(0)

    def forget(self) -> None:
        """Drops what no later call needs: of the sound what lies too far back, of the scores all but the last."""
        kept = torch.cat(self.pieces, dim=2)
        if kept.size(2) > self.past:
            kept = kept[:, :, -self.past :]
        self.pieces.clear()
        self.pieces.append(kept)
        while len(self.scores) > self.smoothed:
            self.scores.pop(0)

    @torch.jit.export
    def reset(self) -> int:
        """Forgets all; says how many calls there were."""
        calls = self.calls
        self.pieces.clear()
        self.scores.clear()
        self.calls = 0
        return calls


def make() -> nn.Module:
    torch.manual_seed(0)
    return KeywordSpotter(BANDS, CHANNELS, KEYWORDS)


SIZES = ({"N": 2, "T": 9}, {"N": 1, "T": 1})


def example(N: int, T: int) -> tuple[Tensor, ...]:
    return (torch.randn(N, BANDS, T, generator=torch.Generator().manual_seed(N + T)),)


def wrong() -> tuple[Tensor, ...]:
    """Time in front of the bands."""
    return (torch.randn(2, 9, BANDS),)


REFUSED = "`bands` is 16"
