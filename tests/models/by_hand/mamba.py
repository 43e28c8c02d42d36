"""The selective state space model, in positions."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

TOKENS, FEATURES, STATES, LAYERS = 80, 32, 8, 2


class RootMeanSquareNorm(nn.Module):
    def __init__(self, features: int, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.epsilon = epsilon
        self.weight = nn.Parameter(torch.ones(features))

    def forward(self, x: Tensor) -> Tensor:
        mean_square = x.square().mean(-1, keepdim=True)
        return x * (mean_square + self.epsilon).rsqrt() * self.weight


def selective_scan(u: Tensor, step: Tensor, A: Tensor, B: Tensor, C: Tensor) -> Tensor:
    state = torch.zeros(u.size(0), u.size(2), A.size(1), dtype=u.dtype, device=u.device)
    outputs: list[Tensor] = []
    for t in range(u.size(1)):
        now = step[:, t]
        decay = torch.exp(now.unsqueeze(2) * A)
        drive = (now * u[:, t]).unsqueeze(2) * B[:, t].unsqueeze(1)
        state = decay * state + drive
        outputs.append(torch.matmul(state, C[:, t].unsqueeze(2)).squeeze(2))
    return torch.stack(outputs, 1)


class SelectiveBlock(nn.Module):
    def __init__(self, features: int, states: int, expansion: int = 2, kernel: int = 4) -> None:
        super().__init__()
        self.states = states
        self.wide = expansion * features
        self.rank = math.ceil(features / 16)
        self.norm = RootMeanSquareNorm(features)
        self.into = nn.Linear(features, 2 * self.wide, bias=False)
        self.convolve = nn.Conv1d(self.wide, self.wide, kernel, groups=self.wide, padding=kernel - 1)
        self.select = nn.Linear(self.wide, self.rank + 2 * states, bias=False)
        self.step = nn.Linear(self.rank, self.wide)
        self.A_log = nn.Parameter(torch.arange(1.0, states + 1).log().repeat(self.wide, 1))
        self.skip = nn.Parameter(torch.ones(self.wide))
        self.out = nn.Linear(self.wide, features, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        u, gate = self.into(self.norm(x)).chunk(2, 2)
        u = F.silu(self.convolve(u.transpose(1, 2))[:, :, : x.size(1)].transpose(1, 2))

        rank, B, C = self.select(u).split([self.rank, self.states, self.states], 2)
        step = F.softplus(self.step(rank))
        y = selective_scan(u, step, -torch.exp(self.A_log), B, C)
        y = y + u * self.skip
        return x + self.out(y * F.silu(gate))


class Mamba(nn.Module):
    def __init__(self, tokens: int, features: int, states: int, layers: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(tokens, features)
        self.blocks = nn.ModuleList(SelectiveBlock(features, states) for _ in range(layers))
        self.norm = RootMeanSquareNorm(features)
        self.head = nn.Linear(features, tokens, bias=False)
        self.head.weight = self.embed.weight

    def forward(self, text: Tensor) -> Tensor:
        x = self.embed(text)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def make() -> nn.Module:
    torch.manual_seed(0)
    return Mamba(TOKENS, FEATURES, STATES, LAYERS)
