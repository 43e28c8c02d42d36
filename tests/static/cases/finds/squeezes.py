"""`squeeze()` that may drop the batch."""

import torch.nn as nn
from jaxtyping import Float
from torch import Tensor


class Head(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(16, 1)

    def wrong(self, x: Float[Tensor, "B 16"]) -> Float[Tensor, "B"]:
        return self.fc(x).squeeze()  # warning: [squeeze-drops-dim]

    def right(self, x: Float[Tensor, "B 16"]) -> Float[Tensor, "B"]:
        y = self.fc(x).squeeze(-1)  # dims: B
        return y

    def no_axis_left(self, x: Float[Tensor, "1 16"]) -> Float[Tensor, ""]:
        y = self.fc(x).squeeze()  # dims:
        return y
