"""A recurrence step by step: one place of T at a time."""

import namedtorch
from namedtorch import Float, NamedTensor, checked, named_module
from torch import nn


class Recurrence(nn.Module):
    def __init__(self, features: int, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.taken = named_module(nn.Linear(features, hidden), "D -> K")
        self.kept = named_module(nn.Linear(hidden, hidden, bias=False), "K -> K")
        self.gate = named_module(nn.Linear(hidden, 1), "K -> one")

    @checked
    def forward(self, x: Float[NamedTensor, "N T D"]) -> Float[NamedTensor, "N T K"]:
        state = namedtorch.zeros(N=x.size("N"), K=self.hidden)
        states = []
        # mistake [dim-missing]: for t in range(x.size("time")):
        for t in range(x.size("T")):
            # mistake [dim-missing]: state = (self.taken(x["time", t]) + self.kept(state)).tanh()
            state = (self.taken(x["T", t]) + self.kept(state)).tanh()
            states.append(state)
        # mistake [names-repeated]: return namedtorch.stack(states, "K").align_to("N", "T", "K")
        return namedtorch.stack(states, "T").align_to("N", "T", "K")

    @checked
    def last(self, x: Float[NamedTensor, "N T D"]) -> Float[NamedTensor, "N K"]:
        # mistake [dim-missing]: return self(x)["D", -1]
        return self(x)["T", -1]


def main() -> None:
    x = namedtorch.randn(N=2, T=4, D=3)
    model = Recurrence(3, 5)
    assert model(x).dims == ("N", "T", "K")
    # mistake [names-differ]: assert model.last(x.rename(D="K")).dims == ("N", "K")
    assert model.last(x).dims == ("N", "K")
