"""Noise that is put on images, and taken off again, by a schedule."""

import namedtorch
from namedtorch import Float, Int, NamedTensor, checked, named_module
from torch import nn


@checked
def schedule(steps: int) -> Float[NamedTensor, "S"]:
    # mistake [dim-missing]: return (1 - namedtorch.linspace(1e-4, 0.02, S=steps)).cumprod("T")
    return (1 - namedtorch.linspace(1e-4, 0.02, S=steps)).cumprod("S")


@checked
def noised(
    x: Float[NamedTensor, "N C H W"], step: Int[NamedTensor, "N"], kept: Float[NamedTensor, "S"]
) -> Float[NamedTensor, "N C H W"]:
    share = kept[step]
    noise = namedtorch.randn_like(x)
    # mistake [broadcast-dims-differ]: return share.sqrt() * x + (1 - share).sqrt().align_as(x) * noise
    return share.sqrt().align_as(x) * x + (1 - share).sqrt().align_as(x) * noise


class Denoiser(nn.Module):
    def __init__(self, channels: int, features: int) -> None:
        super().__init__()
        self.time = named_module(nn.Linear(1, features), "one -> D")
        self.first = named_module(nn.Conv2d(channels, features, 3, padding=1), "N C H W -> N D H W")
        self.second = named_module(nn.Conv2d(features, channels, 3, padding=1), "N D H W -> N C H W")

    @checked
    def forward(
        self, x: Float[NamedTensor, "N C H W"], step: Int[NamedTensor, "N"]
    ) -> Float[NamedTensor, "N C H W"]:
        # mistake [names-differ]: time = self.time(step.float().align_to("N", "S"))
        time = self.time(step.float().align_to("N", "one"))
        y = self.first(x)
        # mistake [broadcast-dims-differ]: y = (y + time).relu()
        y = (y + time.align_as(y)).relu()
        # mistake [names-differ]: return self.first(y)
        return self.second(y)


def main() -> None:
    x, step = namedtorch.rand(N=4, C=4, H=4, W=4), namedtorch.randint(0, 9, N=4)
    # mistake [names-differ]: noisy = noised(x.align_to("N", "H", "W", "C"), step, schedule(9))
    noisy = noised(x, step, schedule(9))
    assert Denoiser(4, 4)(noisy, step).dims == x.dims
