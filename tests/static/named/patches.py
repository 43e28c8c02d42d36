"""Patches of images as tokens, and back."""

import namedtorch
from namedtorch import Float, NamedTensor, checked, named_module
from torch import nn


class PatchEmbedding(nn.Module):
    def __init__(self, size: int, channels: int, features: int) -> None:
        super().__init__()
        self.size = size
        self.embed = named_module(nn.Linear(channels * size * size, features), "P -> D")

    @checked
    def forward(self, images: Float[NamedTensor, "N C H W"]) -> Float[NamedTensor, "N T D"]:
        # mistake [names-differ]: x = images.rearrange("N H W C -> N H W C")
        x = images.rearrange("N C (H h) (W w) -> N (H W) (C h w)", h=self.size, w=self.size)
        # mistake [names-repeated]: return self.embed(x.rename("N", "P", "P"))
        return self.embed(x.rename("N", "T", "P"))


@checked
def unpatch(tokens: Float[NamedTensor, "N T P"], size: int, rows: int) -> Float[NamedTensor, "N C H W"]:
    # mistake [bad-pattern]: x = tokens.rearrange("N (H W) (C h w) -> N C (H h) (W V)", h=size, w=size, H=rows)
    x = tokens.rearrange("N (H W) (C h w) -> N C (H h) (W w)", h=size, w=size, H=rows)
    # mistake [names-differ]: return x
    return x.rename("N", "C", "H", "W")


@checked
def coarse(images: Float[NamedTensor, "N C H W"]) -> Float[NamedTensor, "N C _ _"]:
    # mistake [names-differ]: return images.reduce("N K (H h) (W w) -> N K H W", "max", h=2, w=2)
    return images.reduce("N C (H h) (W w) -> N C H W", "max", h=2, w=2)


def main() -> None:
    images = namedtorch.rand(N=2, C=3, H=8, W=8)
    assert PatchEmbedding(4, 3, 16)(images).dims == ("N", "T", "D")
    assert unpatch(namedtorch.rand(N=2, T=4, P=48), 4, 2).shape == (2, 3, 8, 8)
    # mistake [names-differ]: assert coarse(images.align_to("N", "C", "W", "H")).shape == (2, 3, 4, 4)
    assert coarse(images).shape == (2, 3, 4, 4)
