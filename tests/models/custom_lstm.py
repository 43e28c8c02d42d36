"""A recurrent network of one's own: LSTM cells with layer norms, run over time in both directions, and stacked.

Sources: the custom LSTMs of the TorchScript talks (pytorch/benchmarks/fastrnns/custom_lstms.py); Ba, Kiros, Hinton,
"Layer Normalization" (2016), equations 20 to 22.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

import namedtorch
from namedtorch import Float, NamedTensor, checked, named

INPUTS, HIDDEN, LAYERS = 12, 24, 2


class LayerNormLSTMCell(nn.Module):
    """One step of an LSTM, with a layer norm around each product and around the cell state."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.inputs = inputs
        self.hidden = hidden
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden, inputs))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden, hidden))
        # The layer norms have biases: another one here would be redundant.
        self.norm_i = nn.LayerNorm(4 * hidden)
        self.norm_h = nn.LayerNorm(4 * hidden)
        self.norm_c = nn.LayerNorm(hidden)
        nn.init.xavier_uniform_(self.weight_ih)
        nn.init.orthogonal_(self.weight_hh)

    @checked
    def forward(
        self,
        x: Float[NamedTensor, "N D=self.inputs"],
        state: tuple[Float[NamedTensor, "N hidden=self.hidden"], Float[NamedTensor, "N hidden"]],
    ) -> tuple[Float[NamedTensor, "N hidden"], Float[NamedTensor, "N hidden"]]:
        h, c = state
        from_input = self.norm_i(F.linear(x, named(self.weight_ih, "gates D")))
        from_state = self.norm_h(F.linear(h, named(self.weight_hh, "gates hidden")))
        gates = (from_input + from_state).unflatten("gates", (("gate", 4), ("hidden", self.hidden)))
        i, f, g, o = gates.unbind("gate")
        c = self.norm_c(torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g))
        h = torch.sigmoid(o) * torch.tanh(c)
        return h, c


class LSTMLayer(nn.Module):
    """A cell run over time; with `reverse`, from the last step to the first."""

    def __init__(self, inputs: int, hidden: int, reverse: bool = False) -> None:
        super().__init__()
        self.hidden = hidden
        self.reverse = reverse
        self.cell = LayerNormLSTMCell(inputs, hidden)

    @checked
    def forward(
        self,
        x: Float[NamedTensor, "N T D"],
        state: tuple[Float[NamedTensor, "N hidden"], Float[NamedTensor, "N hidden"]],
    ) -> tuple[
        Float[NamedTensor, "N T hidden"],
        tuple[Float[NamedTensor, "N hidden"], Float[NamedTensor, "N hidden"]],
    ]:
        if self.reverse:
            x = x.flip("T")
        outputs: list[NamedTensor] = []
        for step in x.unbind("T"):
            state = self.cell(step, state)
            outputs.append(state[0])
        y = namedtorch.stack(outputs, "T", place=1)
        if self.reverse:
            y = y.flip("T")
        return y, state


class BidirectionalLayer(nn.Module):
    """Two layers that read the same steps from both ends; their features stand beside each other."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.directions = nn.ModuleList([LSTMLayer(inputs, hidden), LSTMLayer(inputs, hidden, reverse=True)])

    @checked
    def forward(self, x: Float[NamedTensor, "N T D"]) -> Float[NamedTensor, "N T hidden=2*self.hidden"]:
        outputs: list[NamedTensor] = []
        for direction in self.directions:
            h = namedtorch.zeros(N=x.size("N"), hidden=self.hidden, dtype=x.dtype, device=x.device)
            c = namedtorch.zeros_like(h)
            y, _ = direction(x, (h, c))
            outputs.append(y)
        return namedtorch.cat(outputs, "hidden")


class StackedLSTM(nn.Module):
    """Layers in both directions, each reading the one below, with dropout between them."""

    def __init__(self, inputs: int, hidden: int, layers: int, dropout: float = 0.4) -> None:
        super().__init__()
        self.inputs = inputs
        self.hidden = hidden
        sizes = [inputs] + [2 * hidden] * (layers - 1)
        self.layers = nn.ModuleList(BidirectionalLayer(size, hidden) for size in sizes)
        self.last = layers - 1
        self.dropout = nn.Dropout(dropout)

    @checked
    def forward(
        self, x: Float[NamedTensor, "N T D=self.inputs"]
    ) -> Float[NamedTensor, "N T hidden=2*self.hidden"]:
        for i, layer in enumerate(self.layers):
            y = layer(x)
            # Behind every layer but the last.
            if i < self.last:
                y = self.dropout(y)
            x = y.rename(hidden="D")
        return x.rename(D="hidden")


def make() -> nn.Module:
    torch.manual_seed(0)
    return StackedLSTM(INPUTS, HIDDEN, LAYERS)


SIZES = ({"N": 3, "T": 7}, {"N": 1, "T": 4})


def example(N: int, T: int) -> tuple[Tensor, ...]:
    return (torch.randn(N, T, INPUTS, generator=torch.Generator().manual_seed(N + T)),)


def wrong() -> tuple[Tensor, ...]:
    """Features in front of time."""
    return (torch.randn(3, INPUTS, 7),)


REFUSED = "`D` is 12"
