"""Functions that only a stub tells of."""

import fancy
import fancy.deep.texts
import torch
from fancy import doubled as twice
from fancy.deep.texts import encode
from jaxtyping import Float, Int
from torch import Tensor


def resampled(x: Float[Tensor, "N C T"]) -> Float[Tensor, "N C 2*T"]:
    y = fancy.resample(x, 2)  # dims: N C 2*T
    return y


def resampled_thrice(x: Float[Tensor, "N C T"]) -> Float[Tensor, "N C 2*T"]:
    y = fancy.resample(x, factor=3, mode="linear")  # dims: N C 3*T
    return y  # error: [result-differs]


def of_unknown_factor(x: Float[Tensor, "N C T"], factor) -> Float[Tensor, "N C 2*T"]:
    y = fancy.resample(x, factor)  # dims: N C _
    return y


def wrong_rank(x: Float[Tensor, "C T"]):
    return fancy.resample(x, 2)  # error: [argument-differs]


def defaults(x: Float[Tensor, "N T"]):
    y = twice(x)  # dims: N 2*T
    z = twice(x, 5)  # dims: N 5*T
    return y, z


def several(x: Float[Tensor, "N 64"], y: Float[Tensor, "N"]):
    left, right = fancy.split(x)  # dims: N 32  # dims: N 32
    fancy.split(y)  # error: [argument-differs]
    return left + right


def groups(q: Float[Tensor, "B H Q D"], k: Float[Tensor, "B H K D"], other: Float[Tensor, "B H K E"]):
    s = fancy.scores(q, k)  # dims: B H Q K
    fancy.scores(q, other)  # error: [argument-differs]
    return s


def aliases(ids: Int[Tensor, "B T"]) -> Float[Tensor, "B T 64"]:
    x = encode(ids, 64)  # dims: B T 64
    y = fancy.deep.texts.encode(ids, 32)  # dims: B T 32
    return torch.where(x > 0, x, y)  # error: [broadcast-dims-differ]


def nothing_is_known(x: Float[Tensor, "N C"]) -> Float[Tensor, "N D"]:
    y = fancy.undecided(x)  # dims: unknown
    z = fancy.without_annotations(x, y)  # dims: unknown
    fancy.not_there(z)
    return z
