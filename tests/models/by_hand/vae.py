"""The variational autoencoder of `tests/models/vae.py` in plain positions, as written by hand."""

from typing import NamedTuple, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Coded(NamedTuple):
    images: Tensor
    mean: Tensor
    log_variance: Tensor


class Encoder(nn.Module):
    def __init__(self, channels: int, width: int, side: int, codes: int) -> None:
        super().__init__()
        self.down = nn.Sequential(
            nn.Conv2d(channels, width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
        )
        features = 2 * width * (side // 4) ** 2
        self.mean = nn.Linear(features, codes)
        self.log_variance = nn.Linear(features, codes)

    def forward(self, images: Tensor) -> Tuple[Tensor, Tensor]:
        features = self.down(images).flatten(1)
        return self.mean(features), self.log_variance(features)


class Decoder(nn.Module):
    def __init__(self, channels: int, width: int, side: int, codes: int) -> None:
        super().__init__()
        self.width = 2 * width
        self.side = side // 4
        self.wide = nn.Linear(codes, self.width * self.side**2)
        self.up = nn.Sequential(
            nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.ConvTranspose2d(width, channels, 4, stride=2, padding=1),
        )

    def forward(self, code: Tensor) -> Tensor:
        x = self.wide(code).relu().view(-1, self.width, self.side, self.side)
        return self.up(x).sigmoid()


class VAE(nn.Module):
    def __init__(self, channels: int = 1, side: int = 28, width: int = 16, codes: int = 20) -> None:
        super().__init__()
        self.encoder = Encoder(channels, width, side, codes)
        self.decoder = Decoder(channels, width, side, codes)

    def sample(self, mean: Tensor, log_variance: Tensor) -> Tensor:
        if self.training:
            return mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
        return mean

    def forward(self, images: Tensor) -> Coded:
        mean, log_variance = self.encoder(images)
        return Coded(self.decoder(self.sample(mean, log_variance)), mean, log_variance)

    @torch.jit.export
    def loss(self, images: Tensor, beta: float = 1.0) -> Tensor:
        coded = self.forward(images)
        rebuilt = F.binary_cross_entropy(coded.images, images, reduction="none").sum((1, 2, 3))
        mean, log_variance = coded.mean, coded.log_variance
        divergence = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum(1)
        return rebuilt + beta * divergence

    @torch.jit.export
    def decode(self, code: Tensor) -> Tensor:
        return self.decoder(code)


def make() -> nn.Module:
    return VAE(side=12, width=8, codes=6)
