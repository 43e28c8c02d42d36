"""A multiplicative LSTM that reads text byte by byte, with a language model on top.

Source: Krause, Lu, Murray, Renals, "Multiplicative LSTM for sequence modelling" (2016), equations 11 to 17; as in
Radford, Jozefowicz, Sutskever, "Learning to Generate Reviews and Discovering Sentiment" (2017).
"""

import math

import torch
from torch import Tensor, nn

import namedtorch
from namedtorch import Float, Int, NamedTensor, checked, named, named_module

BYTES, FEATURES, HIDDEN = 256, 24, 48


class MultiplicativeLSTM(nn.Module):
    """An LSTM whose recurrent weights depend on the input: the state is scaled by it, feature by feature, first."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.inputs = inputs
        self.hidden = hidden
        self.w_mx = nn.Parameter(torch.empty(hidden, inputs))
        self.w_mh = nn.Parameter(torch.empty(hidden, hidden))
        self.w_x = nn.Parameter(torch.empty(4, hidden, inputs))
        self.w_m = nn.Parameter(torch.empty(4, hidden, hidden))
        self.bias = nn.Parameter(torch.zeros(4, hidden))
        bound = 1 / math.sqrt(hidden)
        for weight in (self.w_mx, self.w_mh, self.w_x, self.w_m):
            nn.init.uniform_(weight, -bound, bound)
        # The forget gate is open at the start.
        nn.init.ones_(self.bias.data[1])

    @checked
    def forward(
        self,
        x: Float[NamedTensor, "N T D=self.inputs"],
        state: tuple[Float[NamedTensor, "N hidden=self.hidden"], Float[NamedTensor, "N hidden"]]
        | None = None,
    ) -> tuple[
        Float[NamedTensor, "N T hidden"],
        tuple[Float[NamedTensor, "N hidden"], Float[NamedTensor, "N hidden"]],
    ]:
        if state is None:
            zeros = namedtorch.zeros("N hidden", N=x.size("N"), hidden=self.hidden, device=x.device)
            state = (zeros, zeros)
        h, c = state
        # What does not depend on the state is one product for all steps.
        multipliers = namedtorch.einsum("N T D, hidden D -> N T hidden", x, named(self.w_mx, "hidden D"))
        inputs = namedtorch.einsum(
            "N T D, gate hidden D -> N T gate hidden", x, named(self.w_x, "gate hidden D")
        )
        inputs = inputs + named(self.bias, "gate hidden")
        w_mh = named(self.w_mh, "m hidden")
        w_m = named(self.w_m, "gate hidden m")

        outputs: list[NamedTensor] = []
        for t in range(x.size("T")):
            m = multipliers["T", t].rename(hidden="m") * namedtorch.contract(h, w_mh, over="hidden")
            gates = inputs["T", t] + namedtorch.contract(m, w_m, over="m")
            i, f, o, update = gates.unbind("gate")
            c = f.sigmoid() * c + i.sigmoid() * update.tanh()
            h = o.sigmoid() * c.tanh()
            outputs.append(h)
        return namedtorch.stack(outputs, "T", place=1), (h, c)


class ByteModel(nn.Module):
    """For each byte of a text, the scores of the next one; their weights are those of the embedding."""

    def __init__(self, tokens: int, features: int, hidden: int) -> None:
        super().__init__()
        self.tokens = tokens
        self.embed = named_module(nn.Embedding(tokens, features), "N T -> N T D")
        self.lstm = MultiplicativeLSTM(features, hidden)
        self.project = named_module(nn.Linear(hidden, features), "hidden -> D")

    @checked
    def forward(self, text: Int[NamedTensor, "N T"]) -> Float[NamedTensor, "N T token=self.tokens"]:
        hidden, _ = self.lstm(self.embed(text))
        return self.project(hidden) @ named(self.embed.weight, "token D").mT


def make() -> nn.Module:
    torch.manual_seed(0)
    return ByteModel(BYTES, FEATURES, HIDDEN)


SIZES = ({"N": 2, "T": 6}, {"N": 4, "T": 1})


def example(N: int, T: int) -> tuple[Tensor, ...]:
    return (torch.randint(0, BYTES, (N, T), generator=torch.Generator().manual_seed(N + T)),)


def wrong() -> tuple[Tensor, ...]:
    """One text without a batch."""
    return (torch.randint(0, BYTES, (6,)),)


REFUSED = "`text` has rank 1, but `N T` has rank 2"
