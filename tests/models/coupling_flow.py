"""A normalizing flow: steps that can be run backwards turn data into noise, and tell how likely the data are.

Sources: Dinh, Sohl-Dickstein, Bengio, "Density estimation using Real NVP" (2017); Kingma, Dhariwal, "Glow" (2018).
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from namedtorch import Bool, Float, checked

CHANNELS, HIDDEN, STEPS = 4, 48, 3


@checked
class ActivationNorm(nn.Module):
    """A scale and a shift for each channel, which the first batch sets so that it has mean 0 and deviation 1."""

    ready: Bool[Tensor, ""]

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels
        self.log_scale = nn.Parameter(torch.zeros(channels))
        self.shift = nn.Parameter(torch.zeros(channels))
        self.register_buffer("ready", torch.tensor(False))

    def forward(
        self, x: Float[Tensor, "N C=self.channels H W"]
    ) -> tuple[Float[Tensor, "N C H W"], Float[Tensor, ""]]:
        if self.training and not bool(self.ready):
            with torch.no_grad():
                deviation, mean = torch.std_mean(x, dim=(0, 2, 3))
                self.log_scale.copy_(-torch.log(deviation + 1e-6))
                self.shift.copy_(-mean)
                self.ready.fill_(True)
        log_scale, shift = self.log_scale[:, None, None], self.shift[:, None, None]
        return (x + shift) * log_scale.exp(), self.log_scale.sum() * x.shape[2] * x.shape[3]

    @torch.jit.export
    def inverse(self, z: Float[Tensor, "N C=self.channels H W"]) -> Float[Tensor, "N C H W"]:
        return z * (-self.log_scale)[:, None, None].exp() - self.shift[:, None, None]


@checked
class InvertibleConvolution(nn.Module):
    """Mixes the channels by a square matrix, at the start a rotation."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels
        self.weight = nn.Parameter(torch.linalg.qr(torch.randn(channels, channels))[0])

    def forward(
        self, x: Float[Tensor, "N C=self.channels H W"]
    ) -> tuple[Float[Tensor, "N C H W"], Float[Tensor, ""]]:
        volume = torch.linalg.slogdet(self.weight)[1] * x.shape[2] * x.shape[3]
        return F.conv2d(x, self.weight[:, :, None, None]), volume

    @torch.jit.export
    def inverse(self, z: Float[Tensor, "N C=self.channels H W"]) -> Float[Tensor, "N C H W"]:
        return F.conv2d(z, torch.linalg.inv(self.weight)[:, :, None, None])


@checked
class AffineCoupling(nn.Module):
    """One half of the channels tells how the other half is scaled and shifted."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.channels = channels
        self.net = nn.Sequential(
            nn.Conv2d(channels // 2, hidden, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(hidden, hidden, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(hidden, channels, 3, padding=1),
        )

    def scale_and_shift(
        self, half: Float[Tensor, "N self.channels//2 H W"]
    ) -> tuple[Float[Tensor, "N self.channels//2 H W"], Float[Tensor, "N self.channels//2 H W"]]:
        raw, shift = self.net(half).chunk(2, dim=1)
        return torch.sigmoid(raw + 2.0), shift

    def forward(
        self, x: Float[Tensor, "N C=self.channels H W"]
    ) -> tuple[Float[Tensor, "N C H W"], Float[Tensor, "N"]]:
        kept, changed = x.chunk(2, dim=1)
        scale, shift = self.scale_and_shift(kept)
        return torch.cat([kept, (changed + shift) * scale], dim=1), scale.log().sum(dim=(1, 2, 3))

    @torch.jit.export
    def inverse(self, z: Float[Tensor, "N C=self.channels H W"]) -> Float[Tensor, "N C H W"]:
        kept, changed = z.chunk(2, dim=1)
        scale, shift = self.scale_and_shift(kept)
        return torch.cat([kept, changed / scale - shift], dim=1)


@checked
class FlowStep(nn.Module):
    """A norm, a mixing of channels, and a coupling."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.channels = channels
        self.norm = ActivationNorm(channels)
        self.mix = InvertibleConvolution(channels)
        self.couple = AffineCoupling(channels, hidden)

    def forward(
        self, x: Float[Tensor, "N C=self.channels H W"]
    ) -> tuple[Float[Tensor, "N C H W"], Float[Tensor, "N"]]:
        x, by_norm = self.norm(x)
        x, by_mix = self.mix(x)
        x, volume = self.couple(x)
        return x, volume + by_norm + by_mix

    @torch.jit.export
    def inverse(self, z: Float[Tensor, "N C=self.channels H W"]) -> Float[Tensor, "N C H W"]:
        return self.norm.inverse(self.mix.inverse(self.couple.inverse(z)))


@checked
class Flow(nn.Module):
    """The noise that images stand for, and the logarithm of how likely they are, in bits of a pixel's channel."""

    def __init__(self, channels: int, hidden: int, steps: int) -> None:
        super().__init__()
        self.channels = channels
        self.steps = nn.ModuleList(FlowStep(channels, hidden) for _ in range(steps))

    def forward(
        self, image: Float[Tensor, "N C=self.channels H W"]
    ) -> tuple[Float[Tensor, "N C H W"], Float[Tensor, "N"]]:
        z = image
        likelihood = torch.zeros(image.shape[0], dtype=image.dtype, device=image.device)
        for step in self.steps:
            z, volume = step(z)
            likelihood = likelihood + volume
        likelihood = likelihood - 0.5 * (z**2 + math.log(2 * math.pi)).sum(dim=(1, 2, 3))
        return z, likelihood / (math.log(2.0) * image[0].numel())

    @torch.jit.export
    def sample(
        self, z: Float[Tensor, "N C=self.channels H W"], temperature: float = 0.7
    ) -> Float[Tensor, "N C H W"]:
        """The images that noise stands for."""
        x = z * temperature
        for step in self.steps[::-1]:
            x = step.inverse(x)
        return x


def make() -> nn.Module:
    torch.manual_seed(0)
    return Flow(CHANNELS, HIDDEN, STEPS)


SIZES = ({"N": 2, "H": 6, "W": 5}, {"N": 1, "H": 3, "W": 8})


def example(N: int, H: int, W: int) -> tuple[Tensor, ...]:
    return (torch.rand(N, CHANNELS, H, W, generator=torch.Generator().manual_seed(N + H + W)),)


METHODS = {"sample": example}


def wrong() -> tuple[Tensor, ...]:
    """An image with its channels last."""
    return (torch.rand(2, 6, 5, CHANNELS),)


REFUSED = "`C` is 4"
