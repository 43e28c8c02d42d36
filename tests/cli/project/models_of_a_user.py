"""A user's models, which the tests of the command line copy into a folder."""

import torch
from torch import Tensor, nn

from namedtorch import Float, Int, checked


@checked
class Classifier(nn.Module):
    """A checked module."""

    def __init__(self, classes, bias=True):
        super().__init__()
        self.classes = classes
        self.conv = nn.Conv2d(3, classes, 3)
        self.dropout = nn.Dropout(0.5)
        nn.init.ones_(self.conv.weight)
        nn.init.zeros_(self.conv.bias)

    def forward(self, image: Float[Tensor, "N C=3 H W where H >= 8"]) -> Float[Tensor, "N self.classes"]:
        return self.dropout(self.conv(image).mean((2, 3)))


instance = Classifier(4)


def make(classes: int = 5) -> nn.Module:
    """A factory."""
    return Classifier(classes)


class Plain(nn.Module):
    """A module without annotations of ours."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x)


def plain_function(x: Tensor) -> Tensor:
    """A function without annotations of ours."""
    return x + x


@checked
def split(
    x: Float[Tensor, "N C"], scale: float, shift: Float[Tensor, ""]
) -> tuple[Float[Tensor, "N"], Float[Tensor, "C"]]:
    """Two results."""
    return x.sum(1) * scale + shift, x.sum(0)


def named(x: Float[Tensor, "N"]) -> dict[str, Float[Tensor, "N"]]:
    """Results with names."""
    return {"file": x, "double": x * 2}


def halve(x: Float[Tensor, "*batch C where C%2 == 0"]) -> Float[Tensor, "*batch C//2"]:
    """A group of axes."""
    return x[..., : x.size(-1) // 2]


def means(images: list[Float[Tensor, "C=3 ?H ?W"]], scale: float = 1.0) -> Float[Tensor, "3"]:
    """A list of arrays."""
    total = torch.zeros(3)
    for image in images:
        total = total + image.mean((1, 2)) * scale
    return total


def pair(both: tuple[Float[Tensor, "N C"], Int[Tensor, "N"]]) -> Float[Tensor, "N C"]:
    """A tuple of arrays."""
    return both[0] * both[1].unsqueeze(1)


def looked_up(tables: dict[str, Float[Tensor, "N"]], key: str) -> Float[Tensor, "N"]:
    """A dict of arrays."""
    return tables[key]


def unscriptable(x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
    """Python that TorchScript lacks."""
    try:
        return x
    finally:
        pass


def picky(x: Float[Tensor, "N"]) -> Float[Tensor, "N"]:
    """A graph that fails."""
    if x.size(0) > 2:
        raise ValueError("too many")
    return x


def wide(x: Float[Tensor, "N D"]) -> Float[Tensor, "N D"]:
    """A graph that takes one width only, which its signature does not say."""
    return x + torch.zeros(12)


class Gate(nn.Module):
    """A module that TorchScript refuses."""

    def forward(self, x: Tensor) -> Tensor:
        try:
            return x.sigmoid()
        finally:
            pass


class Routed(nn.Module):
    """A module with a part that TorchScript refuses, and a branch on data."""

    def __init__(self):
        super().__init__()
        self.gate = Gate()

    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        if x.sum() > 0:
            x = x * 2
        return self.gate(x)


def warm(N, C):
    """Inputs whose sum is positive."""
    return torch.rand(N, C)


def any_sign(N, C):
    """Inputs of both signs, by their sizes."""
    return torch.full((N, C), 1.0 if N == 2 else -1.0)


class WideOnly(nn.Module):
    """A module that takes fewer sizes than its signature says."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(2, 2, 5)

    def forward(self, x: Float[Tensor, "N C=2 H"]) -> Float[Tensor, "N C=2 K"]:
        return self.conv(x)


def wide_only():
    """A factory."""
    return WideOnly()
