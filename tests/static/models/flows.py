"""Normalising flows: actnorm, invertible 1x1 convolution, coupling, squeeze and split, the priors of Glow."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


class ActNorm(nn.Module):
    def __init__(self, in_channel: int) -> None:
        super().__init__()
        self.loc = nn.Parameter(torch.zeros(1, in_channel, 1, 1))
        self.scale = nn.Parameter(torch.ones(1, in_channel, 1, 1))
        self.register_buffer("initialized", torch.tensor(0, dtype=torch.uint8))

    def initialize(self, input: Float[Tensor, "B C H W"]) -> None:
        with torch.no_grad():
            flatten = input.permute(1, 0, 2, 3).contiguous().view(input.shape[1], -1)
            mean = flatten.mean(1).unsqueeze(1).unsqueeze(2).unsqueeze(3).permute(1, 0, 2, 3)
            std = flatten.std(1).unsqueeze(1).unsqueeze(2).unsqueeze(3).permute(1, 0, 2, 3)
            self.loc.data.copy_(-mean)
            self.scale.data.copy_(1 / (std + 1e-6))

    def forward(self, input: Float[Tensor, "B C H W"]) -> tuple[Float[Tensor, "B C H W"], Float[Tensor, ""]]:
        _, _, height, width = input.shape
        if self.initialized.item() == 0:
            self.initialize(input)
            self.initialized.fill_(1)
        logdet = height * width * torch.sum(torch.log(torch.abs(self.scale)))
        return self.scale * (input + self.loc), logdet

    def reverse(self, output: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
        return output / self.scale - self.loc


class InvConv2d(nn.Module):
    def __init__(self, in_channel: int) -> None:
        super().__init__()
        q, _ = torch.linalg.qr(torch.randn(in_channel, in_channel))
        self.weight = nn.Parameter(q.unsqueeze(2).unsqueeze(3))

    def forward(self, input: Float[Tensor, "B C H W"]) -> tuple[Float[Tensor, "B C H W"], Float[Tensor, ""]]:
        _, _, height, width = input.shape
        out = F.conv2d(input, self.weight)
        logdet = height * width * torch.slogdet(self.weight.squeeze().double())[1].float()
        return out, logdet

    def reverse(self, output: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
        return F.conv2d(output, self.weight.squeeze().inverse().unsqueeze(2).unsqueeze(3))


class ZeroConv2d(nn.Module):
    def __init__(self, in_channel: int, out_channel: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channel, out_channel, 3, padding=0)
        self.conv.weight.data.zero_()
        self.conv.bias.data.zero_()
        self.scale = nn.Parameter(torch.zeros(1, out_channel, 1, 1))

    def forward(self, input: Float[Tensor, "B C H W"]) -> Float[Tensor, "B K H W"]:
        out = F.pad(input, [1, 1, 1, 1], value=1)
        out = self.conv(out)
        return out * torch.exp(self.scale * 3)


class AffineCoupling(nn.Module):
    def __init__(self, in_channel: int, filter_size: int = 16, affine: bool = True) -> None:
        super().__init__()
        self.affine = affine
        self.net = nn.Sequential(
            nn.Conv2d(in_channel // 2, filter_size, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(filter_size, filter_size, 1),
            nn.ReLU(inplace=True),
            ZeroConv2d(filter_size, in_channel if self.affine else in_channel // 2),
        )

    def forward(
        self, input: Float[Tensor, "B C H W"]
    ) -> tuple[Float[Tensor, "B C H W"], Float[Tensor, " B"] | None]:
        in_a, in_b = input.chunk(2, 1)
        if self.affine:
            log_s, t = self.net(in_a).chunk(2, 1)
            s = torch.sigmoid(log_s + 2)
            out_b = (in_b + t) * s
            logdet = torch.sum(torch.log(s).view(input.shape[0], -1), 1)
        else:
            net_out = self.net(in_a)
            out_b = in_b + net_out
            logdet = None
        return torch.cat([in_a, out_b], 1), logdet

    def reverse(self, output: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
        out_a, out_b = output.chunk(2, 1)
        if self.affine:
            log_s, t = self.net(out_a).chunk(2, 1)
            in_b = out_b / torch.sigmoid(log_s + 2) - t
        else:
            in_b = out_b - self.net(out_a)
        return torch.cat([out_a, in_b], 1)


def gaussian_log_p(
    x: Float[Tensor, "B C H W"], mean: Float[Tensor, "B C H W"], log_sd: Float[Tensor, "B C H W"]
) -> Float[Tensor, "B C H W"]:
    return -0.5 * math.log(2 * math.pi) - log_sd - 0.5 * (x - mean) ** 2 / torch.exp(2 * log_sd)


class Block(nn.Module):
    """Squeezes, flows, and splits half of the channels off to their prior."""

    def __init__(self, in_channel: int, n_flow: int, split: bool = True, affine: bool = True) -> None:
        super().__init__()
        squeeze_dim = in_channel * 4
        self.flows = nn.ModuleList()
        for _ in range(n_flow):
            self.flows.append(
                nn.ModuleList(
                    [ActNorm(squeeze_dim), InvConv2d(squeeze_dim), AffineCoupling(squeeze_dim, affine=affine)]
                )
            )
        self.split = split
        if split:
            self.prior = ZeroConv2d(in_channel * 2, in_channel * 4)
        else:
            self.prior = ZeroConv2d(in_channel * 4, in_channel * 8)

    def forward(self, input: Float[Tensor, "B C H W"]) -> tuple[Tensor, Tensor, Float[Tensor, " B"], Tensor]:
        b_size, n_channel, height, width = input.shape
        squeezed = input.view(b_size, n_channel, height // 2, 2, width // 2, 2)
        squeezed = squeezed.permute(0, 1, 3, 5, 2, 4)
        out = squeezed.contiguous().view(b_size, n_channel * 4, height // 2, width // 2)
        logdet = 0
        for flow in self.flows:
            for layer in flow:
                out, det = layer(out)
                if det is not None:
                    logdet = logdet + det
        if self.split:
            out, z_new = out.chunk(2, 1)
            mean, log_sd = self.prior(out).chunk(2, 1)
        else:
            zero = torch.zeros_like(out)
            mean, log_sd = self.prior(zero).chunk(2, 1)
            z_new = out
        log_p = gaussian_log_p(z_new, mean, log_sd).view(b_size, -1).sum(1)
        return out, logdet + torch.zeros(b_size), log_p, z_new

    def reverse(self, output: Float[Tensor, "B C H W"], z: Tensor) -> Tensor:
        input = torch.cat([output, z], 1) if self.split else z
        for flow in self.flows[::-1]:
            for layer in reversed(list(flow)):
                input = layer.reverse(input)
        b_size, n_channel, height, width = input.shape
        unsqueezed = input.view(b_size, n_channel // 4, 2, 2, height, width)
        unsqueezed = unsqueezed.permute(0, 1, 4, 2, 5, 3)
        return unsqueezed.contiguous().view(b_size, n_channel // 4, height * 2, width * 2)


class Glow(nn.Module):
    def __init__(self, in_channel: int, n_flow: int, n_block: int, affine: bool = True) -> None:
        super().__init__()
        self.blocks = nn.ModuleList()
        n_channel = in_channel
        for _ in range(n_block - 1):
            self.blocks.append(Block(n_channel, n_flow, affine=affine))
            n_channel *= 2
        self.blocks.append(Block(n_channel, n_flow, split=False, affine=affine))

    def forward(
        self, input: Float[Tensor, "B C H W"]
    ) -> tuple[Float[Tensor, " B"], Float[Tensor, " B"], list[Tensor]]:
        log_p_sum = torch.zeros(input.size(0))
        logdet = torch.zeros(input.size(0))
        out = input
        z_outs = []
        for block in self.blocks:
            out, det, log_p, z_new = block(out)
            z_outs.append(z_new)
            logdet = logdet + det
            if log_p is not None:
                log_p_sum = log_p_sum + log_p
        return log_p_sum, logdet, z_outs

    def reverse(self, z_list: list[Tensor]) -> Float[Tensor, "B C H W"]:
        for i, block in enumerate(self.blocks[::-1]):
            if i == 0:
                input = block.reverse(z_list[-1], z_list[-1])
            else:
                input = block.reverse(input, z_list[-(i + 1)])
        return input


def main() -> None:
    torch.manual_seed(0)
    for affine in (True, False):
        for b, h, w in ((2, 8, 16), (3, 16, 8)):
            model, image = Glow(3, 2, 2, affine), torch.rand(b, 3, h, w)
            log_p, logdet, z = model(image)
            back = model.reverse(z)
            print((log_p + logdet).shape, [tuple(t.shape) for t in z], torch.allclose(back, image, atol=1e-3))


if __name__ == "__main__":
    main()
