"""DCGAN: a generator and a discriminator of convolutions, in plain positions.

Source: Radford et al., "Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks"
(2015, arXiv:1511.06434), in the form of the tutorial of PyTorch.
"""

import torch
from torch import Tensor, nn

from namedtorch import Float, checked


def init_weights(module: nn.Module) -> None:
    """The paper's distributions."""
    name = type(module).__name__
    if name.find("Conv") != -1:
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif name.find("BatchNorm") != -1:
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.constant_(module.bias, 0)


class Generator(nn.Module):
    """An image of 32x32 of each vector of noise, of numbers from -1 to 1."""

    def __init__(self, nz: int, ngf: int, nc: int) -> None:
        super().__init__()
        self.nz = nz
        self.nc = nc
        self.main = nn.Sequential(
            # nz x 1 x 1
            nn.ConvTranspose2d(nz, ngf * 4, 4, 1, 0, bias=False),
            nn.BatchNorm2d(ngf * 4),
            nn.ReLU(True),
            # (ngf*4) x 4 x 4
            nn.ConvTranspose2d(ngf * 4, ngf * 2, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ngf * 2),
            nn.ReLU(True),
            # (ngf*2) x 8 x 8
            nn.ConvTranspose2d(ngf * 2, ngf, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ngf),
            nn.ReLU(True),
            # ngf x 16 x 16
            nn.ConvTranspose2d(ngf, nc, 4, 2, 1, bias=False),
            nn.Tanh(),
            # nc x 32 x 32
        )

    def forward(self, noise: Float[Tensor, "N Z=self.nz 1 1"]) -> Float[Tensor, "N self.nc 32 32"]:
        return self.main(noise)


class Discriminator(nn.Module):
    """How real an image looks, from 0 to 1."""

    def __init__(self, ndf: int, nc: int) -> None:
        super().__init__()
        self.nc = nc
        self.main = nn.Sequential(
            nn.Conv2d(nc, ndf, 4, 2, 1, bias=False),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf, ndf * 2, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ndf * 2),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf * 2, ndf * 4, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ndf * 4),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf * 4, 1, 4, 1, 0, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, images: Float[Tensor, "N self.nc 32 32"]) -> Float[Tensor, "N"]:
        return self.main(images).view(-1, 1).squeeze(1)


@checked
class DCGAN(nn.Module):
    """Both networks; forward makes images, and says how real they look."""

    def __init__(self, nz: int = 100, ngf: int = 64, ndf: int = 64, nc: int = 3) -> None:
        super().__init__()
        self.nz = nz
        self.nc = nc
        self.generator = Generator(nz, ngf, nc)
        self.discriminator = Discriminator(ndf, nc)
        self.apply(init_weights)

    def forward(
        self, noise: Float[Tensor, "N Z=self.nz 1 1"]
    ) -> tuple[Float[Tensor, "N self.nc 32 32"], Float[Tensor, "N"]]:
        images = self.generator(noise)
        return images, self.discriminator(images)

    @torch.jit.export
    def discriminate(self, images: Float[Tensor, "N C=self.nc H=32 W=32"]) -> Float[Tensor, "N"]:
        return self.discriminator(images)


def make() -> nn.Module:
    torch.manual_seed(0)
    return DCGAN(nz=8, ngf=8, ndf=8)


SIZES = ({"N": 3}, {"N": 1})


def example(N: int) -> tuple[Tensor, ...]:
    return (torch.randn(N, 8, 1, 1),)


def image_example(N: int) -> tuple[Tensor, ...]:
    return (torch.rand(N, 3, 32, 32),)


METHODS = {"discriminate": image_example}


def wrong() -> tuple[Tensor, ...]:
    return (torch.randn(3, 1, 1, 8),)


REFUSED = "`Z` is 8"
