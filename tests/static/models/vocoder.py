"""HiFi-GAN: upsampling by transposed convolutions, multi-receptive fields, period discriminators."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor
from torch.nn import Conv1d, Conv2d, ConvTranspose1d
from torch.nn.utils.parametrizations import weight_norm

LRELU_SLOPE = 0.1


def get_padding(kernel_size, dilation=1):
    return int((kernel_size * dilation - dilation) / 2)


class ResBlock1(nn.Module):
    def __init__(self, channels, kernel_size=3, dilation=(1, 3, 5)):
        super().__init__()
        self.convs1 = nn.ModuleList(
            [
                weight_norm(
                    Conv1d(
                        channels, channels, kernel_size, 1, dilation=d, padding=get_padding(kernel_size, d)
                    )
                )
                for d in dilation
            ]
        )
        self.convs2 = nn.ModuleList(
            [
                weight_norm(
                    Conv1d(
                        channels, channels, kernel_size, 1, dilation=1, padding=get_padding(kernel_size, 1)
                    )
                )
                for _ in dilation
            ]
        )

    def forward(self, x):
        for c1, c2 in zip(self.convs1, self.convs2):
            xt = F.leaky_relu(x, LRELU_SLOPE)
            xt = c1(xt)
            xt = F.leaky_relu(xt, LRELU_SLOPE)
            xt = c2(xt)
            x = xt + x
        return x


class HifiGenerator(nn.Module):
    def __init__(
        self, mels: int, rates: tuple[int, ...] = (4, 4), kernels: tuple[int, ...] = (8, 8), width: int = 32
    ):
        super().__init__()
        self.num_kernels = 2
        self.num_upsamples = len(rates)
        self.conv_pre = weight_norm(Conv1d(mels, width, 7, 1, padding=3))
        self.ups = nn.ModuleList()
        for i, (u, k) in enumerate(zip(rates, kernels)):
            self.ups.append(
                weight_norm(
                    ConvTranspose1d(width // (2**i), width // (2 ** (i + 1)), k, u, padding=(k - u) // 2)
                )
            )
        self.resblocks = nn.ModuleList()
        for i in range(len(self.ups)):
            ch = width // (2 ** (i + 1))
            for k in (3, 7):
                self.resblocks.append(ResBlock1(ch, k))
        self.conv_post = weight_norm(Conv1d(ch, 1, 7, 1, padding=3))

    def forward(self, x: Float[Tensor, "B mels T"]) -> Float[Tensor, "B 1 16*T"]:
        x = self.conv_pre(x)
        for i in range(self.num_upsamples):
            x = F.leaky_relu(x, LRELU_SLOPE)
            x = self.ups[i](x)
            xs = None
            for j in range(self.num_kernels):
                if xs is None:
                    xs = self.resblocks[i * self.num_kernels + j](x)
                else:
                    xs += self.resblocks[i * self.num_kernels + j](x)
            x = xs / self.num_kernels
        x = self.conv_post(F.leaky_relu(x))
        return torch.tanh(x)


class DiscriminatorP(nn.Module):
    def __init__(self, period, kernel_size=5, stride=3):
        super().__init__()
        self.period = period
        self.convs = nn.ModuleList(
            [
                weight_norm(Conv2d(1, 8, (kernel_size, 1), (stride, 1), padding=(get_padding(5, 1), 0))),
                weight_norm(Conv2d(8, 16, (kernel_size, 1), 1, padding=(2, 0))),
            ]
        )
        self.conv_post = weight_norm(Conv2d(16, 1, (3, 1), 1, padding=(1, 0)))

    def forward(self, x):
        fmap = []
        # 1d to 2d
        b, c, t = x.shape
        if t % self.period != 0:  # pad first
            n_pad = self.period - (t % self.period)
            x = F.pad(x, (0, n_pad), "reflect")
            t = t + n_pad
        x = x.view(b, c, t // self.period, self.period)
        for l in self.convs:
            x = l(x)
            x = F.leaky_relu(x, LRELU_SLOPE)
            fmap.append(x)
        x = self.conv_post(x)
        fmap.append(x)
        x = torch.flatten(x, 1, -1)
        return x, fmap


def feature_loss(fmap_r, fmap_g):
    loss = 0
    for rl, gl in zip(fmap_r, fmap_g):
        loss += torch.mean(torch.abs(rl - gl))
    return loss * 2


def main() -> None:
    torch.manual_seed(0)
    for b, t in ((2, 7), (3, 10)):
        audio = HifiGenerator(10)(torch.randn(b, 10, t))
        for period in (2, 3, 5):
            disc = DiscriminatorP(period)
            real, fake = disc(torch.randn_like(audio)), disc(audio)
            print(tuple(audio.shape), tuple(fake[0].shape), feature_loss(real[1], fake[1]).shape)


if __name__ == "__main__":
    main()
