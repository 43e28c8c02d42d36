"""A variational autoencoder of images: maps flattened to features, and features back to maps."""

import namedtorch
from namedtorch import Float, NamedTensor, checked, named_module
from torch import nn


class Autoencoder(nn.Module):
    def __init__(self, side: int, codes: int) -> None:
        super().__init__()
        self.side = side
        self.mean = named_module(nn.Linear(side * side, codes), "P -> Z")
        self.spread = named_module(nn.Linear(side * side, codes), "P -> Z")
        self.back = named_module(nn.Linear(codes, side * side), "Z -> P")

    @checked
    def encode(
        self, x: Float[NamedTensor, "N H W"]
    ) -> tuple[Float[NamedTensor, "N Z"], Float[NamedTensor, "N Z"]]:
        # mistake [names-differ]: flat = x.flatten("H", "W")
        flat = x.flatten(("H", "W"), "P")
        # mistake [names-differ]: return self.mean(flat), self.spread(x.flatten(("N", "H"), "P"))
        return self.mean(flat), self.spread(flat)

    @checked
    def decode(self, z: Float[NamedTensor, "N Z"]) -> Float[NamedTensor, "N H W"]:
        # mistake [dim-missing]: return self.back(z).unflatten("Z", (("H", self.side), ("W", self.side)))
        return self.back(z).unflatten("P", (("H", self.side), ("W", self.side)))

    @checked
    def forward(self, x: Float[NamedTensor, "N H W"]) -> Float[NamedTensor, "N"]:
        mean, spread = self.encode(x)
        z = mean + spread.exp() * namedtorch.randn_like(mean)
        # mistake [broadcast-dims-differ]: error = (x - self.decode(z).transpose("H", "W")).square().sum(("H", "W"))
        error = (x - self.decode(z)).square().sum(("H", "W"))
        # mistake [broadcast-dims-differ]: return error + (mean.square() + spread.exp() - spread - 1).sum("N") / 2
        return error + (mean.square() + spread.exp() - spread - 1).sum("Z") / 2


def main() -> None:
    x = namedtorch.rand(N=4, H=4, W=4)
    # mistake [names-differ]: assert Autoencoder(4, 4)(x.rename(H="W", W="H")).dims == ("N",)
    assert Autoencoder(4, 4)(x).dims == ("N",)
