"""Masks of padding and of the future, put together by name."""

import math

import namedtorch
from namedtorch import Bool, Float, Int, NamedTensor, checked


@checked
def padding(lengths: Int[NamedTensor, "N"], longest: int) -> Bool[NamedTensor, "N T"]:
    place = namedtorch.arange(T=longest)
    # mistake [broadcast-dims-differ]: return place < lengths
    return place < lengths.align_to("N", "T")


@checked
def causal(length: int) -> Bool[NamedTensor, "T S"]:
    # mistake [names-repeated]: return namedtorch.ones(length, length, names=("T", "T")).tril() > 0
    return namedtorch.ones(T=length, S=length).tril() > 0


@checked
def attention_mask(
    pad: Bool[NamedTensor, "N T"], future: Bool[NamedTensor, "T S"]
) -> Bool[NamedTensor, "N T S"]:
    keys = pad.rename(T="S")
    # mistake [dim-missing]: return keys.align_to("N", "T", "K") & future
    return keys.align_to("N", "T", "S") & future


@checked
def weights(
    scores: Float[NamedTensor, "N T S"], mask: Bool[NamedTensor, "N T S"]
) -> Float[NamedTensor, "N T S"]:
    # mistake [broadcast-dims-differ]: scores = namedtorch.where(mask.transpose("T", "S"), scores, -math.inf)
    scores = namedtorch.where(mask, scores, -math.inf)
    # mistake [dim-missing]: return scores.softmax("K")
    return scores.softmax("S")


def main() -> None:
    # mistake [names-differ]: pad = padding(namedtorch.tensor([2, 3], "T"), 3)
    pad = padding(namedtorch.tensor([2, 3], "N"), 3)
    mask = attention_mask(pad, causal(3))
    # mistake [names-differ]: assert weights(namedtorch.rand(N=2, S=3, T=3), mask).dims == ("N", "T", "S")
    assert weights(namedtorch.rand(N=2, T=3, S=3), mask).dims == ("N", "T", "S")
