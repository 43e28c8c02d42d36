"""Arguments that differ from the annotation of what is called."""

import torch.nn as nn
from jaxtyping import Bool, Float
from torch import Tensor


def normalize(
    x: Float[Tensor, "N C H W"], mean: Float[Tensor, "C"], std: Float[Tensor, "C"]
) -> Float[Tensor, "N C H W"]:
    return (x - mean[:, None, None]) / std[:, None, None]


def three(x: Float[Tensor, "N 3 H W"]) -> Float[Tensor, "N H W"]:
    return x.mean(1)


class Encoder(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.proj = nn.Linear(width, 8)

    def forward(self, x: Float[Tensor, "B T width"], mask: Bool[Tensor, "B T"]) -> Float[Tensor, "B T 8"]:
        return self.proj(x) * mask[..., None]


class User(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder(16)

    def right(self, x: Float[Tensor, "B T 16"], m: Bool[Tensor, "B T"]) -> Float[Tensor, "B T 8"]:
        y = self.encoder(x, m)  # dims: B T 8
        return y

    def mask(self, x: Float[Tensor, "B T 16"], m: Bool[Tensor, "T B"]) -> Tensor:
        return self.encoder(x, m)  # error: [argument-differs]

    def rank(self, x: Float[Tensor, "B T 16"], m: Bool[Tensor, "B T T"]) -> Tensor:
        return self.encoder(x, mask=m)  # error: [argument-differs]


def use(
    image: Float[Tensor, "C H W"], batch: Float[Tensor, "N C H W"], grey: Float[Tensor, "N 1 H W"]
) -> None:
    normalize(batch, batch.mean((0, 2, 3)), batch.std((0, 2, 3)))  # dims: N C H W
    normalize(image, image.mean((1, 2)), image.std((1, 2)))  # error: [argument-differs]
    normalize(batch, batch.mean((0, 1, 2)), batch.std((0, 2, 3)))  # error: [argument-differs]
    three(grey)  # error: [argument-differs]
    three(x=batch[:, :3])  # dims: N H W
