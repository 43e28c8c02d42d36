"""Metrics: accuracy, the table of confusions, precision of each class, calibration."""

import namedtorch
import torch.nn.functional as F
from namedtorch import Float, Int, NamedTensor, checked


@checked
def accuracy(scores: Float[NamedTensor, "N K"], target: Int[NamedTensor, "N"]) -> Float[NamedTensor, ""]:
    # mistake [broadcast-dims-differ]: return (scores.argmax("N") == target).float().mean()
    return (scores.argmax("K") == target).float().mean()


@checked
def confusion(
    predicted: Int[NamedTensor, "N"], target: Int[NamedTensor, "N"], count: int
) -> Float[NamedTensor, "T P"]:
    one = F.one_hot(target, count).refine_names(..., "T").float()
    other = F.one_hot(predicted, count).refine_names(..., "P").float()
    # mistake [dim-missing]: return namedtorch.contract(one, other, over="K")
    return namedtorch.contract(one, other, over="N")


@checked
def precision(table: Float[NamedTensor, "T P"]) -> Float[NamedTensor, "P"]:
    # mistake [broadcast-dims-differ]: right = table.diagonal(dim1="T", dim2="P", outdim="K")
    right = table.diagonal(dim1="T", dim2="P", outdim="P")
    # mistake [broadcast-dims-differ]: return right / table.sum("P").clamp(min=1)
    return right / table.sum("T").clamp(min=1)


@checked
def calibration(scores: Float[NamedTensor, "N K"]) -> Float[NamedTensor, "N"]:
    # mistake [dim-missing]: sure = scores.softmax("K").max("C").values
    sure = scores.softmax("K").max("K").values
    # mistake [dim-missing]: return sure.sort("T").values
    return sure.sort("N").values


def main() -> None:
    scores, target = namedtorch.rand(N=4, K=4), namedtorch.randint(0, 4, N=4)
    assert accuracy(scores, target).dims == ()
    # mistake [names-differ]: table = confusion(scores.argmax("N"), target, 4)
    table = confusion(scores.argmax("K"), target, 4)
    # mistake [names-differ]: assert precision(table.T).dims == ("P",)
    assert precision(table).dims == ("P",)
    assert calibration(scores).dims == ("N",)
