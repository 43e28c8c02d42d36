"""Softmax and normalisation over the batch dim."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


def over_batch(x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
    return F.softmax(x, dim=0)  # warning: [batch-normalized]


def over_classes(x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
    y = x.softmax(-1)  # dims: N C
    return y


def over_batch_of_sequences(x: Float[Tensor, "B T C"]) -> Float[Tensor, "B T C"]:
    return x.log_softmax(0)  # warning: [batch-normalized]


def weights_over_nodes(x: Float[Tensor, "T C"]) -> Float[Tensor, "T C"]:
    y = x.softmax(0)  # dims: T C
    return y


def normalized(x: Float[Tensor, "B C"]) -> Float[Tensor, "B C"]:
    return F.normalize(x, dim=0)  # warning: [batch-normalized]
