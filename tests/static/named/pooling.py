"""Heads that pool: the mean of a map, its greatest value, a mean by a mask, and attention pooling."""

import namedtorch
from namedtorch import Bool, Float, NamedTensor, checked, named_module
from torch import nn


@checked
def global_mean(x: Float[NamedTensor, "N C H W"]) -> Float[NamedTensor, "N C"]:
    # mistake [names-differ]: return x.mean(("C", "H")).rename("N", "K")
    return x.mean(("H", "W"))


@checked
def global_max(x: Float[NamedTensor, "N C H W"]) -> Float[NamedTensor, "N C"]:
    # mistake [dim-missing]: return x.flatten(("H", "W"), "P").max("pixels").values
    return x.flatten(("H", "W"), "P").max("P").values


@checked
def masked_mean(x: Float[NamedTensor, "N T D"], mask: Bool[NamedTensor, "N T"]) -> Float[NamedTensor, "N D"]:
    # mistake [broadcast-dims-differ]: kept = x * mask.float()
    kept = x * mask.float().align_as(x)
    # mistake [broadcast-dims-differ]: return kept.sum("T") / mask.sum("N").align_to("T", "D")
    return kept.sum("T") / mask.sum("T").align_to("N", "D")


class AttentionPool(nn.Module):
    def __init__(self, features: int) -> None:
        super().__init__()
        self.score = named_module(nn.Linear(features, 1), "D -> one")

    @checked
    def forward(self, x: Float[NamedTensor, "N T D"]) -> Float[NamedTensor, "N D"]:
        # mistake [dim-missing]: weights = self.score(x).squeeze("D").softmax("T")
        weights = self.score(x).squeeze("one").softmax("T")
        # mistake [dim-missing]: return namedtorch.contract(x, weights, over="S")
        return namedtorch.contract(x, weights, over="T")


def main() -> None:
    images = namedtorch.rand(N=2, C=4, H=4, W=4)
    assert global_mean(images).dims == global_max(images).dims == ("N", "C")
    # mistake [names-differ]: x, mask = namedtorch.rand(N=3, T=3, D=3), namedtorch.rand(T=3, N=3) > 0.1
    x, mask = namedtorch.rand(N=3, T=3, D=3), namedtorch.rand(N=3, T=3) > 0.1
    assert masked_mean(x, mask).dims == AttentionPool(3)(x).dims == ("N", "D")
