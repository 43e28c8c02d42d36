"""A self-normalizing network for tables: SELU activations, whose means and variances alpha dropout keeps.

Source: Klambauer, Unterthiner, Mayr, Hochreiter, "Self-Normalizing Neural Networks" (2017).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from namedtorch import Float, Int, checked

NUMBERS, CATEGORIES, CLASSES = 10, (5, 12, 3), 4


def lecun_normal_(linear: nn.Linear) -> nn.Linear:
    """The initial weights for which the activations' variance has its fixed point at one."""
    nn.init.kaiming_normal_(linear.weight, mode="fan_in", nonlinearity="linear")
    nn.init.zeros_(linear.bias)
    return linear


class SelfNormalizingLayer(nn.Module):
    def __init__(self, inputs: int, outputs: int, dropout: float) -> None:
        super().__init__()
        self.linear = lecun_normal_(nn.Linear(inputs, outputs))
        self.dropout = nn.AlphaDropout(dropout)

    def forward(self, x: Float[Tensor, "... inputs"]) -> Float[Tensor, "... outputs"]:
        return self.dropout(F.selu(self.linear(x)))


@checked
class SelfNormalizingNetwork(nn.Module):
    """The scores of the classes of each row of a table with numbers and categories."""

    mean: Float[Tensor, "numbers"]
    scale: Float[Tensor, "numbers"]

    def __init__(
        self, numbers: int, categories: tuple[int, ...], classes: int, width: int = 96, depth: int = 4
    ) -> None:
        super().__init__()
        self.numbers = numbers
        self.columns = len(categories)
        self.classes = classes
        self.embeddings = nn.ModuleList(nn.Embedding(count, (count + 1) // 2) for count in categories)
        # What the network is fed has mean zero and variance one; training sets these from the table.
        self.register_buffer("mean", torch.zeros(numbers))
        self.register_buffer("scale", torch.ones(numbers))
        inputs = numbers + sum((count + 1) // 2 for count in categories)
        layers = [
            SelfNormalizingLayer(inputs if i == 0 else width, width, dropout=0.05) for i in range(depth)
        ]
        self.layers = nn.Sequential(*layers)
        self.classify = lecun_normal_(nn.Linear(width, classes))

    def forward(
        self, numbers: Float[Tensor, "N self.numbers"], categories: Int[Tensor, "N self.columns"]
    ) -> Float[Tensor, "N self.classes"]:
        parts = [(numbers - self.mean) / self.scale]
        for column, embedding in enumerate(self.embeddings):
            parts.append(embedding(categories[:, column]))
        return self.classify(self.layers(torch.cat(parts, dim=1)))

    @torch.jit.export
    def uncertain(
        self, numbers: Float[Tensor, "N self.numbers"], categories: Int[Tensor, "N self.columns"], draws: int
    ) -> tuple[Float[Tensor, "N self.classes"], Float[Tensor, "N self.classes"]]:
        """Mean and deviation of the probabilities under dropout (Gal, Ghahramani, 2016); none in eval mode."""
        drawn = [self.forward(numbers, categories).softmax(1) for _ in range(draws)]
        probabilities = torch.stack(drawn)
        return probabilities.mean(0), probabilities.std(0, correction=0)


def make() -> nn.Module:
    torch.manual_seed(0)
    return SelfNormalizingNetwork(NUMBERS, CATEGORIES, CLASSES)


SIZES = ({"N": 5}, {"N": 1})


def example(N: int) -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(N)
    columns = [torch.randint(0, count, (N,), generator=generator) for count in CATEGORIES]
    return torch.randn(N, NUMBERS, generator=generator), torch.stack(columns, 1)


def uncertain_example(N: int) -> tuple[Tensor | int, ...]:
    return (*example(N), 3)


METHODS = {"uncertain": uncertain_example}


def wrong() -> tuple[Tensor, ...]:
    """Categories by column."""
    numbers, categories = example(5)
    return numbers, categories.t()


REFUSED = "`columns` is 3"
