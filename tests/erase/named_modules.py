"""Modules whose bodies speak of names, each for one thing that erasure has to follow."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

import namedtorch
from namedtorch import Float, NamedTensor, checked, named, named_function, named_module
from tests.erase import layers_elsewhere
from tests.erase.layers_elsewhere import standardize


class Scale(nn.Module):
    """Generic over layouts: a property, a static method, a parameter that gets a name."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.linspace(0.5, 1.5, channels))

    @property
    def gain(self) -> NamedTensor:
        return named(self.weight, "C")

    @staticmethod
    def clip(x: NamedTensor) -> NamedTensor:
        return x.clamp(-3, 3)

    def forward(self, x: Float[NamedTensor, "... C ..."]) -> NamedTensor:
        return self.clip(x * self.gain.align_as(x))


class Base(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scale = Scale(4)

    def forward(self, x: Float[NamedTensor, "N C T"]) -> Float[NamedTensor, "N C T"]:
        return self.scale(x)


class Derived(Base):
    """The forward of the base, and one layer called with two layouts."""

    def forward(self, x: Float[NamedTensor, "N C T"]) -> Float[NamedTensor, "N C T"]:
        y = super().forward(x)
        z = self.scale(x.align_to("N", "T", "C"))
        return y + z.align_as(y)


class NamedBase(nn.Module):
    def forward(self, x: Float[NamedTensor, "N C T"]) -> Float[NamedTensor, "N C T"]:
        return x - x.mean("T", keepdim=True)


class SpeakingBase(NamedBase):
    """The forward of a base that speaks of names itself."""

    def forward(self, x: Float[NamedTensor, "N C T"]) -> Float[NamedTensor, "N C T"]:
        return super().forward(x) + NamedBase.forward(self, x).sum("C", keepdim=True)


class Helpers(nn.Module):
    """Functions of another file, one of them for two layouts, by name and through its module."""

    def forward(self, x: Float[NamedTensor, "N C T"]) -> Float[NamedTensor, "N C"]:
        y = standardize(x)
        z = standardize(x.transpose("C", "T"))
        w = layers_elsewhere.standardize(x, "T")
        return layers_elsewhere.pooled(y + z.align_as(y) + w)


class Loop(nn.Module):
    """A loop over time steps, a list of what they give."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = named_module(nn.Linear(4, 4), "C -> C")

    def forward(self, x: Float[NamedTensor, "N T C"]) -> Float[NamedTensor, "N T C"]:
        h = namedtorch.zeros(N=x.size("N"), C=4)
        out: list[NamedTensor] = []
        for t in range(x.size("T")):
            h = (self.cell(h) + x.select("T", t)).tanh()
            out.append(h)
        return namedtorch.stack(out, "T", place=1)


class While(nn.Module):
    """A loop and a branch that depend on data."""

    def forward(self, x: Float[NamedTensor, "N C"]) -> Float[NamedTensor, "N C"]:
        n = 0
        while float(x.abs().sum()) > 1.0 and n < 10:
            x = x / 2 - x.mean("C", keepdim=True) / 4
            n += 1
        if n > 2:
            return x.flip("C")
        return x + 1


class Optionals(nn.Module):
    """An attribute and an argument that may be None."""

    def __init__(self, bias: bool) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.linspace(0, 1, 4)) if bias else None

    def forward(
        self, x: Float[NamedTensor, "N C T"], mask: Float[NamedTensor, "N T"] | None = None
    ) -> Float[NamedTensor, "N C T"]:
        if self.bias is not None:
            x = x + named(self.bias, "C").align_as(x)
        if mask is not None:
            x = x * mask.align_as(x)
        return x


class Held(nn.Module):
    """A buffer that gets a name, an attribute that has names, two results."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.linspace(0, 1, 4))
        self.shift = named(torch.linspace(0, 1, 5), "T")

    def forward(
        self, x: Float[NamedTensor, "N C T=5"]
    ) -> tuple[Float[NamedTensor, "N T"], Float[NamedTensor, "N C"]]:
        y = x - named(self.mean, "C").align_as(x) + self.shift
        return y.sum("C"), y.max("T").values


class Parts(NamedTuple):
    low: Float[NamedTensor, "N C"]
    high: Float[NamedTensor, "N C"]


class Records(nn.Module):
    """A NamedTuple that a method gives."""

    def split(self, x: Float[NamedTensor, "N C T"]) -> Parts:
        return Parts(x.amin("T"), x.amax("T"))

    def forward(self, x: Float[NamedTensor, "N C T"]) -> Float[NamedTensor, "N"]:
        parts = self.split(x)
        return (parts.high - parts.low).sum("C")


class Nested(nn.Module):
    """Containers of modules: run, walked through, and asked by key."""

    def __init__(self) -> None:
        super().__init__()
        self.chain = nn.Sequential(Base(), Derived())
        self.listed = nn.ModuleList([Optionals(True), Optionals(False)])
        self.keyed = nn.ModuleDict({"scale": Scale(4)})

    @checked
    def forward(self, x: Float[NamedTensor, "N C T"]) -> Float[NamedTensor, "N C T"]:
        x = self.chain(x)
        for one in self.listed:
            x = one(x)
        return self.keyed["scale"](x)


class Carried(nn.Module):
    """A state that is None in the first turn of a loop, and a list of tensors after it."""

    def step(self, x: NamedTensor, state: list[NamedTensor] | None) -> tuple[NamedTensor, list[NamedTensor]]:
        y = x
        if state is not None:
            y = x + state[-1].sum("C", keepdim=True)
        return y, [x, y]

    def forward(self, x: Float[NamedTensor, "N C T"]) -> Float[NamedTensor, "N C"]:
        y, state = self.step(x.select("T", 0), None)
        for t in range(1, x.size("T")):
            y, state = self.step(x.select("T", t), state)
        return y


class Modes(nn.Module):
    """Code that differs in training."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(4)

    def forward(self, x: Float[NamedTensor, "N C T"]) -> Float[NamedTensor, "N C T"]:
        if self.training:
            x = x + x.mean("N", keepdim=True)
        return self.norm(x)


def pairwise(x: Tensor, y: Tensor) -> Tensor:
    """The distances of points."""
    return torch.cdist(x, y)


distances = named_function(pairwise, "N D, M D -> N M")


class Distances(nn.Module):
    """A function of plain tensors behind a boundary of names."""

    def forward(self, x: Float[NamedTensor, "N C T"]) -> Float[NamedTensor, "N"]:
        points = x.select("T", 0).rename(C="D")
        return distances(points, points.rename(N="M")).sum("M")


class Norm(nn.Module):
    """Promises the dims that it was given, and speaks of the last one."""

    def forward(self, x: Float[NamedTensor, "... T"]) -> Float[NamedTensor, "... T"]:
        return x - x.mean("T", keepdim=True)


class Promised(nn.Module):
    """What a module gives has the dims of its argument, which its annotation leaves open."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = Norm()

    def forward(self, x: Float[NamedTensor, "N C T"]) -> Float[NamedTensor, "N T C"]:
        return self.norm(x).transpose("C", "T")


class Long(nn.Module):
    """Loops over numbers, with names or without."""

    def __init__(self, speaks: bool) -> None:
        super().__init__()
        self.speaks = speaks

    def forward(self, x: Tensor) -> Tensor:
        y = named(x, "N C").sum("C").tensor if self.speaks else x
        for i in range(30):
            for j in range(30):
                y = y * (i + j)
        return y
