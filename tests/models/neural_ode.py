"""A neural ordinary differential equation in a loop of Runge-Kutta steps that prints how it goes at every tenth step.

Source: Chen, Rubanova, Bettencourt, Duvenaud, "Neural Ordinary Differential Equations" (2018).
"""

import torch
from torch import Tensor, nn
from torch.linalg import vector_norm

from namedtorch import Float, checked

FEATURES, HIDDEN, CLASSES = 8, 96, 3


@checked
class Dynamics(nn.Module):
    """The direction in which a state moves at a time, which every layer sees."""

    def __init__(self, features: int, hidden: int) -> None:
        super().__init__()
        self.features = features
        self.first = nn.Linear(features + 1, hidden)
        self.second = nn.Linear(hidden + 1, hidden)
        self.third = nn.Linear(hidden + 1, features)

    def forward(self, t: float, x: Float[Tensor, "N self.features"]) -> Float[Tensor, "N self.features"]:
        time = torch.full((x.shape[0], 1), t, dtype=x.dtype, device=x.device)
        x = torch.tanh(self.first(torch.cat([x, time], 1)))
        x = torch.tanh(self.second(torch.cat([x, time], 1)))
        return self.third(torch.cat([x, time], 1))


@checked
class NeuralODE(nn.Module):
    """Scores of classes at the end of a path from time 0 to time 1."""

    def __init__(
        self, features: int, hidden: int, classes: int, steps: int = 24, tolerance: float = 0.5
    ) -> None:
        super().__init__()
        self.features = features
        self.classes = classes
        self.steps = steps
        self.tolerance = tolerance
        self.dynamics = Dynamics(features, hidden)
        self.classify = nn.Linear(features, classes)

    def step(
        self, t: float, by: float, x: Float[Tensor, "N D"]
    ) -> tuple[Float[Tensor, "N D"], Float[Tensor, ""]]:
        """The classical step of fourth order, and how far Euler's step would have been from it."""
        k1 = self.dynamics(t, x)
        k2 = self.dynamics(t + by / 2, x + k1 * (by / 2))
        k3 = self.dynamics(t + by / 2, x + k2 * (by / 2))
        k4 = self.dynamics(t + by, x + k3 * by)
        direction = (k1 + 2 * k2 + 2 * k3 + k4) / 6
        return x + by * direction, vector_norm(by * (direction - k1), dim=1).max()

    def forward(
        self, x: Float[Tensor, "N self.features"]
    ) -> tuple[Float[Tensor, "N self.classes"], Float[Tensor, "self.steps N self.features"]]:
        by = 1.0 / self.steps
        path: list[Tensor] = []
        for i in range(self.steps):
            x, error = self.step(i * by, by, x)
            path.append(x)
            if (i + 1) % 10 == 0:
                print(f"step {i + 1} of {self.steps}: the state is at {vector_norm(x, dim=1).mean().item()}")
            if bool(error > self.tolerance):
                print("step", i + 1, "is too long: Euler's would be off by", error.item())
        return self.classify(x), torch.stack(path)


def make() -> nn.Module:
    torch.manual_seed(0)
    return NeuralODE(FEATURES, HIDDEN, CLASSES)


SIZES = ({"N": 4}, {"N": 1})


def example(N: int) -> tuple[Tensor, ...]:
    return (torch.randn(N, FEATURES, generator=torch.Generator().manual_seed(N)),)


def wrong() -> tuple[Tensor, ...]:
    """Features in front of the batch."""
    return (torch.randn(FEATURES, 4),)


REFUSED = "`features` is 8"
