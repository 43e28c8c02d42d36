"""Positions of sines and cosines, and rotary ones, from named factories."""

import math

import namedtorch
from namedtorch import Float, NamedTensor, checked


@checked
def sinusoids(length: int, features: int) -> Float[NamedTensor, "T D"]:
    place = namedtorch.arange(T=length).float()
    # mistake [rank-unfit]: rate = namedtorch.arange(F=features // 2).rename("T F")
    rate = (namedtorch.arange(F=features // 2) * (-2 * math.log(10_000.0) / features)).exp()
    # mistake [broadcast-dims-differ]: angles = place * rate
    angles = place.align_to("T", "F") * rate
    both = namedtorch.stack([angles.sin(), angles.cos()], "two")
    # mistake [names-differ]: return both.rearrange("T F two -> T (F two)").rename("T", "D")
    return both.rearrange("two T F -> T (F two)").rename("T", "D")


@checked
def rotate(
    x: Float[NamedTensor, "N T H D"], angles: Float[NamedTensor, "T F"]
) -> Float[NamedTensor, "N T H D"]:
    pairs = x.unflatten("D", (("F", -1), ("two", 2)))
    even, odd = pairs.unbind("two")
    # mistake [dim-missing]: cos, sin = angles.cos().align_to("N", "H", "F"), angles.sin().align_as(even)
    cos, sin = angles.cos().align_as(even), angles.sin().align_as(even)
    turned = namedtorch.stack([even * cos - odd * sin, even * sin + odd * cos], "two", place=-1)
    # mistake [permutation-wrong]: return turned.flatten(("two", "F"), "D")
    return turned.flatten(("F", "two"), "D")


def main() -> None:
    assert sinusoids(6, 8).dims == ("T", "D")
    x = namedtorch.rand(N=2, T=4, H=4, D=8)
    # mistake [names-differ]: assert rotate(x, namedtorch.rand(H=4, F=4)).dims == x.dims
    assert rotate(x, namedtorch.rand(T=4, F=4)).dims == x.dims
