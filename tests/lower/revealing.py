"""Models that ask for dims in code that is lowered."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

import namedtorch
from namedtorch import reveal_dims
from namedtorch import reveal_dims as what


class Asks(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 4)

    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N D"]:
        reveal_dims(x)
        y = self.first(reveal_dims(x))
        y = namedtorch.reveal_dims(y.relu())
        what((y + 1,)[0])
        z = reveal_dims(
            # the sum
            y + 1,
        )
        reveal_dims(reveal_dims(z))
        return helped(z)


def helped(y: Tensor) -> Tensor:
    return reveal_dims((y + 1) * 2) * torch.ones(1)


class AsksOddly(nn.Module):
    def forward(self, x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
        return reveal_dims(value=x)
