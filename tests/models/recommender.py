"""A recommender: bags of categories and numbers meet pairwise, and give the chance of a click.

Source: Naumov et al., "Deep Learning Recommendation Model for Personalization and Recommendation Systems" (2019).
"""

import torch
from torch import Tensor, nn

from namedtorch import Float, Int, checked

NUMBERS, TABLES, WIDTH = 6, (200, 100, 400), 16


def perceptron(sizes: list[int], last: nn.Module) -> nn.Sequential:
    """Linear layers with activations between them, and `last` behind the last."""
    layers: list[nn.Module] = []
    for i in range(len(sizes) - 1):
        layers.append(nn.Linear(sizes[i], sizes[i + 1]))
        layers.append(nn.ReLU() if i < len(sizes) - 2 else last)
    return nn.Sequential(*layers)


@checked
class Interaction(nn.Module):
    """The dot products of all pairs of features, each pair once."""

    rows: Int[Tensor, "pairs"]
    columns: Int[Tensor, "pairs"]

    def __init__(self, features: int) -> None:
        super().__init__()
        self.features = features
        self.pairs = features * (features - 1) // 2
        places = torch.tril_indices(features, features, offset=-1)
        self.register_buffer("rows", places[0], persistent=False)
        self.register_buffer("columns", places[1], persistent=False)

    def forward(self, x: Float[Tensor, "N self.features width"]) -> Float[Tensor, "N self.pairs"]:
        products = torch.bmm(x, x.transpose(1, 2))
        return products[:, self.rows, self.columns]


@checked
class Recommender(nn.Module):
    """The probability of a click for each example of a batch.

    The categories of all examples stand one behind the other, table by table: those of example `n` of table `k`
    begin at `offsets[k, n]` in `categories[k]`.
    """

    def __init__(self, numbers: int, tables: tuple[int, ...], width: int) -> None:
        super().__init__()
        self.numbers = numbers
        self.tables = len(tables)
        self.bottom = perceptron([numbers, 32, width], nn.ReLU())
        self.bags = nn.ModuleList(nn.EmbeddingBag(count, width, mode="sum") for count in tables)
        self.interaction = Interaction(len(tables) + 1)
        self.top = perceptron([width + self.interaction.pairs, 32, 16, 1], nn.Sigmoid())
        for bag in self.bags:
            nn.init.uniform_(bag.weight, -1 / bag.num_embeddings**0.5, 1 / bag.num_embeddings**0.5)

    def forward(
        self,
        numbers: Float[Tensor, "N self.numbers"],
        categories: list[Int[Tensor, "?entries"]],
        offsets: Int[Tensor, "self.tables N"],
        weights: list[Float[Tensor, "?entries"]] | None = None,
    ) -> Float[Tensor, "N"]:
        dense = self.bottom(torch.log1p(numbers.clamp(min=0)))
        features = [dense]
        for k, bag in enumerate(self.bags):
            if weights is not None:
                features.append(bag(categories[k], offsets[k], weights[k]))
            else:
                features.append(bag(categories[k], offsets[k]))
        pairs = self.interaction(torch.stack(features, dim=1))
        return self.top(torch.cat([dense, pairs], dim=1)).squeeze(1)


def make() -> nn.Module:
    torch.manual_seed(0)
    return Recommender(NUMBERS, TABLES, WIDTH)


SIZES = ({"N": 4, "entries": 11}, {"N": 1, "entries": 2})


def example(N: int, entries: int) -> tuple[Tensor | list[Tensor], ...]:
    """Each table has `entries` categories, which the examples share out; the first has all that the others leave."""
    generator = torch.Generator().manual_seed(N + entries)
    numbers = torch.rand(N, NUMBERS, generator=generator) * 20
    categories = [torch.randint(0, count, (entries,), generator=generator) for count in TABLES]
    begins = torch.randint(0, entries + 1, (len(TABLES), N), generator=generator).sort(dim=1).values
    begins[:, 0] = 0
    return numbers, categories, begins


def wrong() -> tuple[Tensor | list[Tensor], ...]:
    """Offsets by example."""
    numbers, categories, offsets = example(4, 11)
    return numbers, categories, offsets.t()


REFUSED = "`tables` is 3"
