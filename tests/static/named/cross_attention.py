"""Attention of one sequence to another by matrix products, with a mask over the keys."""

import math

import namedtorch
from namedtorch import Bool, Float, NamedTensor, checked


@checked
def attend(
    query: Float[NamedTensor, "N T D"],
    key: Float[NamedTensor, "N S D"],
    value: Float[NamedTensor, "N S V"],
    mask: Bool[NamedTensor, "N S"],
) -> Float[NamedTensor, "N T V"]:
    # mistake [contracted-dims-differ]: scores = query @ key / math.sqrt(query.size("D"))
    scores = query @ key.transpose("S", "D") / math.sqrt(query.size("D"))
    # mistake [broadcast-dims-differ]: scores = scores.masked_fill(~mask, -math.inf)
    scores = scores.masked_fill(~mask.align_as(scores), -math.inf)
    # mistake [contracted-dims-differ]: return scores.softmax("S").transpose("T", "S") @ value
    return scores.softmax("S") @ value


def main() -> None:
    query, key = namedtorch.randn(N=3, T=4, D=8), namedtorch.randn(N=3, S=4, D=8)
    # mistake [names-differ]: value = namedtorch.randn(N=3, T=4, V=8)
    value = namedtorch.randn(N=3, S=4, V=8)
    # mistake [names-differ]: mask = namedtorch.ones("N=3 T=4") > 0
    mask = namedtorch.ones("N=3 S=4") > 0
    assert attend(query, key, value, mask).dims == ("N", "T", "V")
