"""Channels weighed by what they hold everywhere, and maps weighed place by place."""

import namedtorch
from namedtorch import Float, NamedTensor, checked, named_module
from torch import nn


class SqueezeExcite(nn.Module):
    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.down = named_module(nn.Linear(channels, squeezed), "C -> S")
        self.up = named_module(nn.Linear(squeezed, channels), "S -> C")

    @checked
    def forward(self, x: Float[NamedTensor, "N C H W"]) -> Float[NamedTensor, "N C H W"]:
        # mistake [names-differ]: seen = self.down(x.mean(("C", "W")))
        seen = self.down(x.mean(("H", "W")))
        # mistake [names-differ]: weight = self.up(self.down(seen)).sigmoid()
        weight = self.up(seen.relu()).sigmoid()
        # mistake [broadcast-dims-differ]: return x * weight
        return x * weight.align_as(x)


class SpatialGate(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = named_module(nn.Conv2d(2, 1, 3, padding=1), "N two H W -> N one H W")

    @checked
    def forward(self, x: Float[NamedTensor, "N C H W"]) -> Float[NamedTensor, "N C H W"]:
        # mistake [dim-missing]: both = namedtorch.stack([x.mean("C"), x.amax("K")], "two", place=1)
        both = namedtorch.stack([x.mean("C"), x.amax("C")], "two", place=1)
        # mistake [broadcast-dims-differ]: return x * self.conv(both).sigmoid()
        return x * self.conv(both).sigmoid().rename(one=None)


def main() -> None:
    x = namedtorch.rand(N=3, C=3, H=3, W=3)
    assert SqueezeExcite(3, 2)(x).dims == x.dims
    # mistake [names-differ]: assert SpatialGate()(x.rename(C="K")).dims == x.dims
    assert SpatialGate()(x).dims == x.dims
