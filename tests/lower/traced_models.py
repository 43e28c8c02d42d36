"""Models that people write and TorchScript refuses, whole or in part."""

import contextlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from namedtorch import Float, Int


class Window(nn.Module):
    """A window from NumPy, computed in each call."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        window = np.hanning(self.size + 2)[1:-1].astype(np.float32)
        return x * torch.from_numpy(window)


class Spectrum(nn.Module):
    """The front of a speech model: windowed frames, their spectrum, a layer."""

    def __init__(self, size: int = 8, hidden: int = 6) -> None:
        super().__init__()
        self.size, self.hidden = size, hidden
        self.window = Window(size)
        self.project = nn.Linear(size // 2 + 1, hidden)

    def forward(self, frames: Float[Tensor, "N T self.size"]) -> Float[Tensor, "N T self.hidden"]:
        spectrum = torch.fft.rfft(self.window(frames))
        return self.project(torch.log1p(spectrum.abs()))


class Scaled(nn.Module):
    """Options that go through as keywords."""

    def forward(self, x: Tensor, **options: Any) -> Tensor:
        return x * options.get("scale", 1.0) + options["shift"]


class Keywords(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.scaled = Scaled()

    def forward(self, x: Float[Tensor, "N C=4"]) -> Float[Tensor, "N C=4"]:
        x = self.linear(x)
        return self.scaled(x, scale=2.0, shift=x.mean())


class Pyramid(nn.Module):
    """A generator over the levels of a pyramid."""

    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(2, 2, 3, padding=1) for _ in range(3))

    def levels(self, x: Tensor) -> Iterator[Tensor]:
        for conv in self.convs:
            x = conv(x)
            yield x.mean((2, 3))

    def forward(self, image: Float[Tensor, "N C=2 H W"]) -> Float[Tensor, "N 6"]:
        return torch.cat(list(self.levels(image)), 1)


class Guarded(nn.Module):
    """try and except, with a way out for what is singular."""

    def forward(self, x: Tensor) -> Tensor:
        try:
            return torch.linalg.inv(x)
        except RuntimeError:
            return torch.linalg.pinv(x)


class Whitening(nn.Module):
    def __init__(self, dims: int = 3) -> None:
        super().__init__()
        self.dims = dims
        self.shift = nn.Parameter(torch.eye(dims))
        self.inverse = Guarded()

    def forward(self, x: Float[Tensor, "N self.dims"]) -> Float[Tensor, "N self.dims"]:
        covariance = x.t() @ x + self.shift
        return x @ self.inverse(covariance)


class Branching(nn.Module):
    """Control flow on data, which only script keeps."""

    def __init__(self) -> None:
        super().__init__()
        self.warm, self.cold = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        if x.sum() > 0:
            return self.warm(x)
        return self.cold(x)


class Mixed(nn.Module):
    """A part that script refuses, between parts whose control flow must stay."""

    def __init__(self) -> None:
        super().__init__()
        self.first = Branching()
        self.middle = nn.Sequential(nn.Linear(4, 4), Scaler(), nn.Linear(4, 4))
        self.last = Branching()

    def forward(self, x: Float[Tensor, "N C=4"]) -> Float[Tensor, "N C=4"]:
        x = self.first(x)
        if x.size(0) > 2:
            x = x * 2
        return self.last(self.middle(x))


class Scaler(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(3.0))

    def forward(self, x: Tensor) -> Tensor:
        with contextlib.suppress(KeyError):
            x = x * self.weight
        return x


class Outside(nn.Module):
    """The outermost module is refused itself; what is in it has control flow."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.ModuleDict({"a": Branching(), "b": Branching()})

    def forward(self, x: Float[Tensor, "N C=4"]) -> Float[Tensor, "N C=4"]:
        with contextlib.suppress(KeyError):
            for part in self.parts.values():
                x = part(x)
        return x


class Found(NamedTuple):
    boxes: Tensor
    scores: Tensor


class Detector(nn.Module):
    """A NamedTuple, a dict and a list in the result; an int, a flag and an optional tensor among the parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(7, 4)

    def forward(
        self,
        tokens: Int[Tensor, "N T"],
        mask: Float[Tensor, "N T"] | None = None,
        top: int = 2,
        *,
        normalize: bool = False,
    ) -> dict[str, Float[Tensor, "N _"]]:
        x = self.table(tokens)
        if mask is not None:
            x = x * mask[:, :, None]
        found = Found(x.sum(1), x.mean(2)[:, :top])
        if normalize:
            found = Found(found.boxes.softmax(1), found.scores)
        return {"boxes": found.boxes, "scores": found.scores}

    @torch.jit.export
    def encode(self, tokens: Int[Tensor, "N T"]) -> Float[Tensor, "N T C=4"]:
        return self.table(tokens)

    @torch.jit.export
    def count(self) -> int:
        return 7


class Normed(nn.Module):
    """Batch norm and dropout: what training mode changes."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 5)
        self.norm = nn.BatchNorm1d(5)

    def forward(self, x: Float[Tensor, "N C=3"]) -> Float[Tensor, "N 5"]:
        return self.norm(self.linear(x))
