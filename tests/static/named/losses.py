"""Losses by name: what is reduced is said, and targets meet the dims that they are for."""

import namedtorch
import torch.nn.functional as F
from namedtorch import Float, Int, NamedTensor, checked


@checked
def focal(
    logits: Float[NamedTensor, "N K"], target: Int[NamedTensor, "N"], gamma: float = 2.0
) -> NamedTensor:
    # mistake [dim-missing]: log_p = logits.log_softmax("classes")
    log_p = logits.log_softmax("K")
    picked = log_p.gather("K", target.align_to("N", "K"))
    # mistake [dim-missing]: picked = picked.squeeze("C")
    picked = picked.squeeze("K")
    # mistake [dim-missing]: return (-((1 - picked.exp()) ** gamma) * picked).mean("T")
    return (-((1 - picked.exp()) ** gamma) * picked).mean("N")


@checked
def dice(
    prediction: Float[NamedTensor, "N C H W"], mask: Float[NamedTensor, "N C H W"]
) -> Float[NamedTensor, "C"]:
    both = (prediction * mask).sum(("N", "H", "W"))
    # mistake [broadcast-dims-differ]: total = prediction.sum(("N", "H", "W")) + mask.sum(("C", "H", "W"))
    total = prediction.sum(("N", "H", "W")) + mask.sum(("N", "H", "W"))
    # mistake [names-differ]: return (1 - 2 * both / total).rename("K")
    return 1 - 2 * both / total


@checked
def sequence_loss(
    scores: Float[NamedTensor, "N T V"], target: Int[NamedTensor, "N T"]
) -> Float[NamedTensor, ""]:
    # mistake [target-differs]: return F.cross_entropy(scores.align_to("N", "V", "T"), target.align_to("T", "N"))
    return F.cross_entropy(scores.align_to("N", "V", "T"), target)


@checked
def weighted(error: Float[NamedTensor, "N T"], weight: Float[NamedTensor, "N"]) -> Float[NamedTensor, "N"]:
    # mistake [broadcast-dims-differ]: return (error * weight).mean("T")
    return (error * weight.align_as(error)).mean("T")


def main() -> None:
    logits, target = namedtorch.randn(N=4, K=4), namedtorch.randint(0, 4, N=4)
    assert focal(logits, target).dims == ()
    prediction = namedtorch.rand(N=3, C=3, H=4, W=4)
    assert dice(prediction, (prediction > 0.5).float()).dims == ("C",)
    scores = namedtorch.randn(N=5, T=5, V=7)
    assert sequence_loss(scores, namedtorch.randint(0, 7, N=5, T=5)).dims == ()
    # mistake [names-differ]: assert weighted(namedtorch.rand(N=3, T=3), namedtorch.rand(T=3)).dims == ("N",)
    assert weighted(namedtorch.rand(N=3, T=3), namedtorch.rand(N=3)).dims == ("N",)
