"""A transformer's feed-forward layer of many experts, of which each token sees the two that a router chooses.

Sources: Shazeer et al., "Outrageously Large Neural Networks" (2017); Jiang et al., "Mixtral of Experts" (2024).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from namedtorch import Float, Int, checked

FEATURES, HIDDEN, EXPERTS = 32, 64, 6


@checked
class Expert(nn.Module):
    """A gated feed-forward layer (SwiGLU)."""

    def __init__(self, features: int, hidden: int) -> None:
        super().__init__()
        self.features = features
        self.gate = nn.Linear(features, hidden, bias=False)
        self.up = nn.Linear(features, hidden, bias=False)
        self.down = nn.Linear(hidden, features, bias=False)

    def forward(self, x: Float[Tensor, "tokens self.features"]) -> Float[Tensor, "tokens self.features"]:
        return self.down(F.silu(self.gate(x)) * self.up(x))


@checked
class Router(nn.Module):
    """Chooses experts for each token; in training, noise spreads the choice."""

    def __init__(self, features: int, experts: int, chosen: int) -> None:
        super().__init__()
        self.features = features
        self.experts = experts
        self.chosen = chosen
        self.score = nn.Linear(features, experts, bias=False)
        self.noise = nn.Linear(features, experts, bias=False)

    def forward(
        self, x: Float[Tensor, "tokens self.features"]
    ) -> tuple[
        Float[Tensor, "tokens self.chosen"],
        Int[Tensor, "tokens self.chosen"],
        Float[Tensor, "tokens self.experts"],
    ]:
        scores = self.score(x)
        if self.training:
            scores = scores + torch.randn_like(scores) * F.softplus(self.noise(x))
        best, experts = scores.topk(self.chosen, dim=-1)
        # The weights of those that are chosen add up to one.
        return best.softmax(-1), experts, scores.softmax(-1)


@checked
class MixtureOfExperts(nn.Module):
    """What the experts of each token say, weighed, and the loss that keeps them equally busy."""

    def __init__(self, features: int, hidden: int, experts: int, chosen: int = 2) -> None:
        super().__init__()
        self.features = features
        self.router = Router(features, experts, chosen)
        self.experts = nn.ModuleList(Expert(features, hidden) for _ in range(experts))
        self.norm = nn.LayerNorm(features)

    def forward(
        self, x: Float[Tensor, "N T self.features"]
    ) -> tuple[Float[Tensor, "N T self.features"], Float[Tensor, ""]]:
        tokens = self.norm(x).flatten(0, 1)
        weights, experts, shares = self.router(tokens)
        result = torch.zeros_like(tokens)
        for i, expert in enumerate(self.experts):
            # How many tokens an expert gets depends on the data; it may be none.
            token, place = torch.where(experts == i)
            if token.numel() > 0:
                said = expert(tokens[token]) * weights[token, place].unsqueeze(-1)
                result = result.index_add(0, token, said)
        return x + result.view_as(x), self.balance(experts, shares)

    def balance(
        self, experts: Int[Tensor, "tokens chosen"], shares: Float[Tensor, "tokens experts"]
    ) -> Float[Tensor, ""]:
        """The loss of Fedus, Zoph, Shazeer (2022): small where all experts get as many tokens."""
        count = shares.shape[1]
        used = F.one_hot(experts, count).sum(1).float().mean(0)
        return count * (used * shares.mean(0)).sum()


def make() -> nn.Module:
    torch.manual_seed(0)
    return MixtureOfExperts(FEATURES, HIDDEN, EXPERTS)


SIZES = ({"N": 2, "T": 7}, {"N": 1, "T": 1})


def example(N: int, T: int) -> tuple[Tensor, ...]:
    return (torch.randn(N, T, FEATURES, generator=torch.Generator().manual_seed(N + T)),)


def wrong() -> tuple[Tensor, ...]:
    """Features in front of the tokens."""
    return (torch.randn(2, FEATURES, 7),)


REFUSED = "`features` is 32"
