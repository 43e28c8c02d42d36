"""Variational autoencoder with convolutions, its body written with names.

Source: Kingma and Welling, "Auto-Encoding Variational Bayes" (2013, arXiv:1312.6114).
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import namedtorch
from namedtorch import Float, NamedTensor, checked, named_module


class Coded(NamedTuple):
    """What the model makes of images."""

    images: Float[NamedTensor, "N C H W"]
    mean: Float[NamedTensor, "N Z"]
    log_variance: Float[NamedTensor, "N Z"]


class Encoder(nn.Module):
    """Mean and logarithm of the variance of the code of each image."""

    def __init__(self, channels: int, width: int, side: int, codes: int) -> None:
        super().__init__()
        self.down = nn.Sequential(
            named_module(nn.Conv2d(channels, width, 4, stride=2, padding=1), "N C H W -> N C H W"),
            nn.LeakyReLU(0.2),
            named_module(nn.Conv2d(width, 2 * width, 4, stride=2, padding=1), "N C H W -> N C H W"),
            nn.LeakyReLU(0.2),
        )
        features = 2 * width * (side // 4) ** 2
        self.mean = named_module(nn.Linear(features, codes), "F -> Z")
        self.log_variance = named_module(nn.Linear(features, codes), "F -> Z")

    @checked
    def forward(
        self, images: Float[NamedTensor, "N C H W"]
    ) -> tuple[Float[NamedTensor, "N Z"], Float[NamedTensor, "N Z"]]:
        features = self.down(images).flatten(["C", "H", "W"], "F")
        return self.mean(features), self.log_variance(features)


class Decoder(nn.Module):
    """An image for each code, of numbers from 0 to 1."""

    def __init__(self, channels: int, width: int, side: int, codes: int) -> None:
        super().__init__()
        self.width = 2 * width
        self.side = side // 4
        self.wide = named_module(nn.Linear(codes, self.width * self.side**2), "Z -> F")
        self.up = nn.Sequential(
            named_module(nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1), "N C H W -> N C H W"),
            nn.LeakyReLU(0.2),
            named_module(nn.ConvTranspose2d(width, channels, 4, stride=2, padding=1), "N C H W -> N C H W"),
        )

    @checked
    def forward(self, code: Float[NamedTensor, "N Z"]) -> Float[NamedTensor, "N C H W"]:
        x = self.wide(code).relu()
        x = x.unflatten("F", (("C", self.width), ("H", self.side), ("W", self.side)))
        return self.up(x).sigmoid()


class VAE(nn.Module):
    """Codes images, and makes images of codes; in eval mode the code is the mean."""

    def __init__(self, channels: int = 1, side: int = 28, width: int = 16, codes: int = 20) -> None:
        super().__init__()
        if side % 4:
            raise ValueError(f"the side is {side}: the convolutions halve it twice")
        self.channels = channels
        self.side = side
        self.codes = codes
        self.encoder = Encoder(channels, width, side, codes)
        self.decoder = Decoder(channels, width, side, codes)

    def sample(self, mean: NamedTensor, log_variance: NamedTensor) -> NamedTensor:
        """A code from the normal distribution, so that gradients reach its parameters."""
        if self.training:
            noise = namedtorch.randn_like(mean)
            return mean + noise * (0.5 * log_variance).exp()
        return mean

    @checked
    def forward(self, images: Float[NamedTensor, "N C=self.channels H=self.side W=self.side"]) -> Coded:
        mean, log_variance = self.encoder(images)
        return Coded(self.decoder(self.sample(mean, log_variance)), mean, log_variance)

    @torch.jit.export
    @checked
    def loss(
        self, images: Float[NamedTensor, "N C=self.channels H=self.side W=self.side"], beta: float = 1.0
    ) -> Float[NamedTensor, "N"]:
        """The negative evidence lower bound of every image."""
        coded = self.forward(images)
        rebuilt = F.binary_cross_entropy(coded.images, images, reduction="none").sum(("C", "H", "W"))
        mean, log_variance = coded.mean, coded.log_variance
        divergence = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum("Z")
        return rebuilt + beta * divergence

    @torch.jit.export
    @checked
    def decode(self, code: Float[NamedTensor, "N Z=self.codes"]) -> Float[NamedTensor, "N C H W"]:
        """The images of codes."""
        return self.decoder(code)


def make() -> nn.Module:
    torch.manual_seed(0)
    return VAE(side=12, width=8, codes=6)


SIZES = ({"N": 3}, {"N": 1})


def example(N: int) -> tuple[Tensor, ...]:
    return (torch.rand(N, 1, 12, 12),)


def loss_example(N: int) -> tuple[Tensor | float, ...]:
    return (torch.rand(N, 1, 12, 12), 0.5)


def decode_example(N: int) -> tuple[Tensor, ...]:
    return (torch.randn(N, 6),)


METHODS = {"loss": loss_example, "decode": decode_example}


def wrong() -> tuple[Tensor, ...]:
    return (torch.rand(3, 12, 12, 1),)


REFUSED = "`C` is 1"
