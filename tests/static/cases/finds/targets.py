"""Targets of losses."""

import torch.nn as nn
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor


class Criteria:
    def __init__(self) -> None:
        self.cross_entropy = nn.CrossEntropyLoss()
        self.mse = nn.MSELoss()

    def right(
        self, logits: Float[Tensor, "B T C"], target: Int[Tensor, "B T"], mean: Float[Tensor, "B"]
    ) -> None:
        a = F.cross_entropy(logits.view(-1, logits.size(-1)), target.view(-1))  # dims:
        b = self.cross_entropy(logits.transpose(1, 2), target)  # dims:
        c = F.cross_entropy(logits[:, -1], target[:, -1], reduction="none")  # dims: B
        d = self.mse(mean, logits.mean((1, 2)))  # dims:
        e = F.nll_loss(logits.mean(1).log_softmax(-1), target[:, 0])  # dims:

    def wrong(self, logits: Float[Tensor, "B T C"], target: Int[Tensor, "B T"]) -> Tensor:
        return self.cross_entropy(logits, target)  # error: [target-differs]

    def wrong_batch(self, logits: Float[Tensor, "B C"], target: Int[Tensor, "T"]) -> Tensor:
        return F.cross_entropy(logits, target)  # error: [target-differs]

    def column(self, value: Float[Tensor, "B 1"], target: Float[Tensor, "B"]) -> Tensor:
        return self.mse(value, target)  # warning: [loss-broadcasts]

    def squeezed(self, value: Float[Tensor, "B 1"], target: Float[Tensor, "B"]) -> Tensor:
        return self.mse(value.squeeze(-1), target)  # dims:
