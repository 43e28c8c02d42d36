"""Normalizations written out, by the names of what they go along."""

import namedtorch
from namedtorch import Float, NamedTensor, checked, named
from torch import nn


@checked
def layer_norm(
    x: Float[NamedTensor, "N T D"], weight: Float[NamedTensor, "D"]
) -> Float[NamedTensor, "N T D"]:
    # mistake [dim-missing]: mean = x.mean("C", keepdim=True)
    mean = x.mean("D", keepdim=True)
    var = x.var("D", keepdim=True, unbiased=False)
    # mistake [broadcast-dims-differ]: return (x - mean) / (var + 1e-5).sqrt() * weight.rename(D="T")
    return (x - mean) / (var + 1e-5).sqrt() * weight


@checked
def group_norm(x: Float[NamedTensor, "N C H W"], groups: int) -> Float[NamedTensor, "N C H W"]:
    y = x.unflatten("C", (("G", groups), ("c", -1)))
    # mistake [dim-missing]: spread, mean = y.std(("c", "H", "w"), keepdim=True), y.mean(("c", "H", "W"), keepdim=True)
    spread, mean = y.std(("c", "H", "W"), keepdim=True), y.mean(("c", "H", "W"), keepdim=True)
    y = (y - mean) / (spread + 1e-5)
    # mistake [dim-missing]: return y.flatten(("G", "C"), "C")
    return y.flatten(("G", "c"), "C")


@checked
def instance_norm(x: Float[NamedTensor, "N C H W"]) -> Float[NamedTensor, "N C H W"]:
    mean, var = x.mean(("H", "W")), x.var(("H", "W"))
    # mistake [broadcast-dims-differ]: return (x - mean) / var.align_as(x).sqrt()
    return (x - mean.align_as(x)) / var.align_as(x).sqrt()


class Scaled(nn.Module):
    def __init__(self, features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(namedtorch.ones(D=features).tensor)

    @checked
    def forward(self, x: Float[NamedTensor, "N D T"]) -> Float[NamedTensor, "N T D"]:
        # mistake [names-differ]: return x.align_to("N", "D", "T") * named(self.weight, "D").align_to("D", "T")
        return x.align_to("N", "T", "D") * named(self.weight, "D")


def main() -> None:
    x = namedtorch.randn(N=2, T=4, D=4)
    assert layer_norm(x, namedtorch.ones(D=4)).dims == ("N", "T", "D")
    # mistake [names-differ]: assert Scaled(4)(x).dims == ("N", "T", "D")
    assert Scaled(4)(x.align_to("N", "D", "T")).dims == ("N", "T", "D")
    images = namedtorch.randn(N=4, C=4, H=4, W=4)
    assert group_norm(images, 2).dims == instance_norm(images).dims == images.dims
