"""Overloads: the first whose ranks fit."""

from typing import overload

import fancy
import torch
from fancy.layers import Pool
from jaxtyping import Float, Int
from torch import Tensor


def by_rank(sound: Float[Tensor, "N C T"], image: Float[Tensor, "N C H W"]):
    a = fancy.pool(sound)  # dims: N C
    b = fancy.pool(image)  # dims: N H W
    return a, b


def no_overload(x: Float[Tensor, "N C"]):
    return fancy.pool(x)  # error: [argument-differs]


def by_kind(ids: Int[Tensor, "B T"], place: int):
    a = fancy.lookup(ids)  # dims: B T 16
    b = fancy.lookup(3)  # dims: 16
    c = fancy.lookup(place)  # dims: 16
    return a, b, c


def of_unknown_rank(x):
    a = fancy.pool(x)  # dims: ... _ _
    b = fancy.both(x)  # dims: _ _
    return a, b


def method(x: Float[Tensor, "N C H W"]):
    a = Pool()(x)  # dims: N C
    Pool()(x[0, 0])  # error: [argument-differs]
    return a


@overload
def flat(x: Float[Tensor, "N T"]) -> Float[Tensor, "N T"]: ...
@overload
def flat(x: Float[Tensor, "N C T"]) -> Float[Tensor, "N C*T"]: ...
def flat(x):
    return x.reshape(x.shape[0], -1)


def in_the_project(x: Float[Tensor, "N C T"]) -> Float[Tensor, "N C T"]:
    y = flat(x)  # dims: N C*T
    flat(torch.zeros(3))  # error: [argument-differs]
    return y  # error: [result-differs]
