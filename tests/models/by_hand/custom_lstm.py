"""The stacked LSTM with layer norms, in positions."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

INPUTS, HIDDEN, LAYERS = 12, 24, 2


class LayerNormLSTMCell(nn.Module):
    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden, inputs))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden, hidden))
        self.norm_i = nn.LayerNorm(4 * hidden)
        self.norm_h = nn.LayerNorm(4 * hidden)
        self.norm_c = nn.LayerNorm(hidden)
        nn.init.xavier_uniform_(self.weight_ih)
        nn.init.orthogonal_(self.weight_hh)

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        h, c = state
        gates = self.norm_i(F.linear(x, self.weight_ih)) + self.norm_h(F.linear(h, self.weight_hh))
        i, f, g, o = gates.chunk(4, 1)
        c = self.norm_c(torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g))
        h = torch.sigmoid(o) * torch.tanh(c)
        return h, c


class LSTMLayer(nn.Module):
    def __init__(self, inputs: int, hidden: int, reverse: bool = False) -> None:
        super().__init__()
        self.reverse = reverse
        self.cell = LayerNormLSTMCell(inputs, hidden)

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        if self.reverse:
            x = x.flip(1)
        outputs: list[Tensor] = []
        for step in x.unbind(1):
            state = self.cell(step, state)
            outputs.append(state[0])
        y = torch.stack(outputs, 1)
        if self.reverse:
            y = y.flip(1)
        return y, state


class BidirectionalLayer(nn.Module):
    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.directions = nn.ModuleList([LSTMLayer(inputs, hidden), LSTMLayer(inputs, hidden, reverse=True)])

    def forward(self, x: Tensor) -> Tensor:
        outputs: list[Tensor] = []
        for direction in self.directions:
            h = torch.zeros(x.size(0), self.hidden, dtype=x.dtype, device=x.device)
            c = torch.zeros_like(h)
            y, _ = direction(x, (h, c))
            outputs.append(y)
        return torch.cat(outputs, 2)


class StackedLSTM(nn.Module):
    def __init__(self, inputs: int, hidden: int, layers: int, dropout: float = 0.4) -> None:
        super().__init__()
        sizes = [inputs] + [2 * hidden] * (layers - 1)
        self.layers = nn.ModuleList(BidirectionalLayer(size, hidden) for size in sizes)
        self.last = layers - 1
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        for i, layer in enumerate(self.layers):
            x = layer(x)
            if i < self.last:
                x = self.dropout(x)
        return x


def make() -> nn.Module:
    torch.manual_seed(0)
    return StackedLSTM(INPUTS, HIDDEN, LAYERS)
