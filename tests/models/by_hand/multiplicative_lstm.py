"""The multiplicative LSTM, in positions."""

import math
from typing import Optional

import torch
from torch import Tensor, nn

BYTES, FEATURES, HIDDEN = 256, 24, 48


class MultiplicativeLSTM(nn.Module):
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
        nn.init.ones_(self.bias.data[1])

    def forward(
        self, x: Tensor, state: Optional[tuple[Tensor, Tensor]] = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        if state is None:
            zeros = torch.zeros(x.size(0), self.hidden, device=x.device)
            state = (zeros, zeros)
        h, c = state
        multipliers = x @ self.w_mx.t()
        inputs = torch.einsum("ntd,ghd->ntgh", x, self.w_x) + self.bias

        outputs: list[Tensor] = []
        for t in range(x.size(1)):
            m = multipliers[:, t] * (h @ self.w_mh.t())
            gates = inputs[:, t] + torch.einsum("nm,ghm->ngh", m, self.w_m)
            i, f, o, update = gates.unbind(1)
            c = f.sigmoid() * c + i.sigmoid() * update.tanh()
            h = o.sigmoid() * c.tanh()
            outputs.append(h)
        return torch.stack(outputs, 1), (h, c)


class ByteModel(nn.Module):
    def __init__(self, tokens: int, features: int, hidden: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(tokens, features)
        self.lstm = MultiplicativeLSTM(features, hidden)
        self.project = nn.Linear(hidden, features)

    def forward(self, text: Tensor) -> Tensor:
        hidden, _ = self.lstm(self.embed(text))
        return self.project(hidden) @ self.embed.weight.t()


def make() -> nn.Module:
    torch.manual_seed(0)
    return ByteModel(BYTES, FEATURES, HIDDEN)
