"""A selective state space model: a linear recurrence over time whose step depends on what it reads.

Source: Gu, Dao, "Mamba: Linear-Time Sequence Modeling with Selective State Spaces" (2023), with the scan as a loop.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

import namedtorch
from namedtorch import Float, Int, NamedTensor, checked, named, named_module

TOKENS, FEATURES, STATES, LAYERS = 80, 32, 8, 2


class RootMeanSquareNorm(nn.Module):
    """Divides by the root of the mean square, and scales each feature."""

    def __init__(self, features: int, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.epsilon = epsilon
        self.weight = nn.Parameter(torch.ones(features))

    def forward(self, x: Float[NamedTensor, "... D"]) -> Float[NamedTensor, "... D"]:
        mean_square = x.square().mean("D", keepdim=True)
        return x * (mean_square + self.epsilon).rsqrt() * named(self.weight, "D")


@checked
def selective_scan(
    u: Float[NamedTensor, "N T E"],
    step: Float[NamedTensor, "N T E"],
    A: Float[NamedTensor, "E S"],
    B: Float[NamedTensor, "N T S"],
    C: Float[NamedTensor, "N T S"],
) -> Float[NamedTensor, "N T E"]:
    """h' = exp(step A) h + step B u, y = C h: every feature has a state of its own."""
    state = namedtorch.zeros(N=u.size("N"), E=u.size("E"), S=A.size("S"), dtype=u.dtype, device=u.device)
    outputs: list[NamedTensor] = []
    for t in range(u.size("T")):
        now = step["T", t]
        decay = torch.exp(now.align_as(state) * A)
        drive = (now * u["T", t]).align_as(state) * B["T", t].align_as(state)
        state = decay * state + drive
        outputs.append(namedtorch.contract(state, C["T", t], over="S"))
    return namedtorch.stack(outputs, "T", place=1)


@checked
class SelectiveBlock(nn.Module):
    """A norm, a causal convolution, the scan, and a gate; the input is added."""

    def __init__(self, features: int, states: int, expansion: int = 2, kernel: int = 4) -> None:
        super().__init__()
        self.states = states
        self.wide = expansion * features
        self.rank = math.ceil(features / 16)
        self.kernel = kernel
        self.norm = RootMeanSquareNorm(features)
        self.into = named_module(nn.Linear(features, 2 * self.wide, bias=False), "D -> both")
        self.convolve = named_module(
            nn.Conv1d(self.wide, self.wide, kernel, groups=self.wide, padding=kernel - 1), "N E T -> N E T"
        )
        self.select = named_module(nn.Linear(self.wide, self.rank + 2 * states, bias=False), "E -> chosen")
        self.step = named_module(nn.Linear(self.rank, self.wide), "rank -> E")
        self.A_log = nn.Parameter(torch.arange(1.0, states + 1).log().repeat(self.wide, 1))
        self.skip = nn.Parameter(torch.ones(self.wide))
        self.out = named_module(nn.Linear(self.wide, features, bias=False), "E -> D")

    def forward(self, x: Float[NamedTensor, "N T D"]) -> Float[NamedTensor, "N T D"]:
        steps = x.size("T")
        u, gate = self.into(self.norm(x)).unflatten("both", (("half", 2), ("E", self.wide))).unbind("half")
        # Padded on both sides by kernel - 1: the first steps of the result see the past only.
        u = self.convolve(u.align_to("N", "E", "T"))["T", :steps].align_to("N", "T", "E")
        u = F.silu(u)

        rank, B, C = self.select(u).split([self.rank, self.states, self.states], "chosen")
        step = F.softplus(self.step(rank.rename(chosen="rank")))
        A = -torch.exp(named(self.A_log, "E S"))
        y = selective_scan(u, step, A, B.rename(chosen="S"), C.rename(chosen="S"))
        y = y + u * named(self.skip, "E")
        return x + self.out(y * F.silu(gate))


@checked
class Mamba(nn.Module):
    """The scores of the next token at each place of a text."""

    def __init__(self, tokens: int, features: int, states: int, layers: int) -> None:
        super().__init__()
        self.tokens = tokens
        self.embed = named_module(nn.Embedding(tokens, features), "N T -> N T D")
        self.blocks = nn.ModuleList(SelectiveBlock(features, states) for _ in range(layers))
        self.norm = RootMeanSquareNorm(features)
        self.head = named_module(nn.Linear(features, tokens, bias=False), "D -> token")
        self.head.weight = self.embed.weight

    def forward(self, text: Int[NamedTensor, "N T"]) -> Float[NamedTensor, "N T token=self.tokens"]:
        x = self.embed(text)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def make() -> nn.Module:
    torch.manual_seed(0)
    return Mamba(TOKENS, FEATURES, STATES, LAYERS)


SIZES = ({"N": 2, "T": 6}, {"N": 3, "T": 1})


def example(N: int, T: int) -> tuple[Tensor, ...]:
    return (torch.randint(0, TOKENS, (N, T), generator=torch.Generator().manual_seed(N + T)),)


def wrong() -> tuple[Tensor, ...]:
    """One text without a batch."""
    return (torch.randint(0, TOKENS, (6,)),)


REFUSED = "`text` has rank 1, but `N T` has rank 2"
