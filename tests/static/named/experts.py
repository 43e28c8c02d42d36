"""A mixture of experts: weights by a softmax, and one product for all experts."""

import namedtorch
from namedtorch import Float, NamedTensor, checked, named, named_module
from torch import nn


class Experts(nn.Module):
    def __init__(self, experts: int, features: int) -> None:
        super().__init__()
        self.gate = named_module(nn.Linear(features, experts), "D -> E")
        self.weight = nn.Parameter(namedtorch.rand(E=experts, D=features, K=features).tensor)

    @checked
    def forward(self, x: Float[NamedTensor, "N T D"]) -> Float[NamedTensor, "N T K"]:
        # mistake [names-differ]: shares = self.gate(x.transpose("T", "D")).softmax("E")
        shares = self.gate(x).softmax("E")
        weight = named(self.weight, "E D K")
        # mistake [names-differ]: each = namedtorch.einsum("N T D, E K D -> N T E K", x, weight)
        each = namedtorch.einsum("N T D, E D K -> N T E K", x, weight)
        # mistake [dim-missing]: return namedtorch.contract(each, shares, over="experts")
        return namedtorch.contract(each, shares, over="E")

    @checked
    def balance(self, x: Float[NamedTensor, "N T D"]) -> Float[NamedTensor, ""]:
        # mistake [dim-missing]: share = self.gate(x).softmax("E").mean(("N", "S"))
        share = self.gate(x).softmax("E").mean(("N", "T"))
        return (share * share.log()).sum("E")

    @checked
    def chosen(self, x: Float[NamedTensor, "N T D"]) -> NamedTensor:
        # mistake [dim-missing]: best = self.gate(x).topk(2, "D").indices
        best = self.gate(x).topk(2, "E").indices
        return best["E", 0]


def main() -> None:
    x = namedtorch.rand(N=2, T=4, D=4)
    model = Experts(3, 4)
    assert model(x).dims == ("N", "T", "K")
    assert model.balance(x).dims == ()
    # mistake [names-differ]: assert model.chosen(x.rename("T", "N", "D")).dims == ("N", "T")
    assert model.chosen(x).dims == ("N", "T")
