"""Models for verification: what a graph may do otherwise than its original, and what originals refuse."""

import warnings
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from namedtorch import Bool, Float, Int, NamedTensor, checked
from namedtorch.archive.manifest import Manifest
from namedtorch.lower.boundary import boundary_of
from namedtorch.lower.source import Sources


def manifest_of(module: nn.Module, train: bool = False) -> Manifest:
    """What a file would say of a module that is lowered without guards."""
    boundary = boundary_of(module, Sources())
    return Manifest(
        name=type(module).__qualname__,
        kind="module",
        mode="train" if train else "eval",
        guards="none",
        methods=boundary.methods,
        torch_version=torch.__version__,
    )


# What a trace bakes in


class MeanOfRows(nn.Module):
    """Divides by a size that a trace takes for a number."""

    def forward(self, x: Float[Tensor, "N T H"]) -> Float[Tensor, "N H"]:
        return x.sum(1) * (1.0 / int(x.shape[1]))


class Windows(nn.Module):
    """Loops over steps: a trace has as many as its run."""

    def forward(self, x: Float[Tensor, "N T C"]) -> Float[Tensor, "N C"]:
        state = torch.zeros_like(x[:, 0])
        for step in range(x.shape[1]):
            state = torch.tanh(state + x[:, step])
        return state


class Branch(nn.Module):
    """A trace keeps the branch of its run."""

    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        if x.shape[0] > 1:
            return x - x.mean(0)
        return x


# Graphs that do something else


class Twice(nn.Module):
    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return x * 2 if torch.jit.is_scripting() else x


class Fails(nn.Module):
    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        if torch.jit.is_scripting():
            raise ValueError("not here")
        return x


class OtherDtype(nn.Module):
    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return x.double() if torch.jit.is_scripting() else x


class OtherSizes(nn.Module):
    def forward(self, x: Float[Tensor, "N C"]) -> Tensor:
        return x[:1] if torch.jit.is_scripting() else x[:2]


class OtherKeys(nn.Module):
    def forward(self, x: Float[Tensor, "N C"]) -> dict[str, Tensor]:
        return {"a": x, "b": x} if torch.jit.is_scripting() else {"a": x}


class OtherCount(nn.Module):
    def forward(self, x: Float[Tensor, "N C"]) -> tuple[Float[Tensor, "N C"], int]:
        return x, 1 if torch.jit.is_scripting() else 2


class InPlace(nn.Module):
    """Changes what it is given."""

    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        x += 1
        return x * 2


class OtherInPlace(nn.Module):
    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        y = x + 1
        if torch.jit.is_scripting():
            x += 1
        return y


class Cache(nn.Module):
    """Keeps what it has seen: every call gives more."""

    seen: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("seen", torch.zeros(0, 4))

    def forward(self, x: Float[Tensor, "T C=4"]) -> Float[Tensor, "S C=4"]:
        self.seen = torch.cat([self.seen, x])
        return self.seen


class ForgetfulCache(nn.Module):
    """The graph forgets from the second call on."""

    seen: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("seen", torch.zeros(0, 4))

    def forward(self, x: Float[Tensor, "T C=4"]) -> Float[Tensor, "S C=4"]:
        if not torch.jit.is_scripting():
            self.seen = torch.cat([self.seen, x])
            return self.seen
        return x


class OtherState(nn.Module):
    count: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("count", torch.zeros(()))

    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        self.count += 2 if torch.jit.is_scripting() else 1
        return x


class Normed(nn.Module):
    """Batch statistics and dropout, as in training."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.drop = nn.Dropout(0.5)

    def forward(self, x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N D H W"]:
        return self.drop(self.norm(self.conv(x)))


class NoGradient(nn.Module):
    """The graph stops gradients."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 2)
        self.scale = nn.Parameter(torch.ones(2))

    def forward(self, x: Float[Tensor, "N C=4"]) -> Float[Tensor, "N D"]:
        y = self.linear(x)
        if torch.jit.is_scripting():
            y = y.detach()
        return y * self.scale


class Exported(nn.Module):
    """Its other method differs."""

    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return x

    @torch.jit.export
    def shifted(self, x: Float[Tensor, "N C"], by: float = 1.0) -> Float[Tensor, "N C"]:
        return x + by + (1 if torch.jit.is_scripting() else 0)


class NotSettled(nn.Module):
    """Gives something else in every call, whatever the seed."""

    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return x * fresh_number(0)


CALLS = [0]


@torch.jit.ignore
def fresh_number(number: int) -> float:
    CALLS[0] += 1
    return float(CALLS[0] + number)


class DrawsOtherwise(nn.Module):
    """The graph draws one random number more before its noise."""

    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        if torch.jit.is_scripting():
            x = x + 0 * torch.rand(1)
        return x + torch.randn_like(x)


# What originals refuse


class Halved(nn.Module):
    """Needs 32 pixels: a window of 30 behind a kernel of 3."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N D"]:
        return F.max_pool2d(self.conv(x), 30).mean((2, 3))


class Blocks(nn.Module):
    def forward(self, x: Float[Tensor, "N H W"]) -> Float[Tensor, "N K W"]:
        return x.view(x.size(0), x.size(1) // 8, 8, x.size(2)).sum(2)


class Square(nn.Module):
    def forward(self, x: Float[Tensor, "N H W"]) -> Float[Tensor, "N H W"]:
        return x @ x


class Positions(nn.Module):
    """Has six positions."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(6, 4)

    def forward(self, x: Float[Tensor, "N T C=4"]) -> Float[Tensor, "N T C=4"]:
        return x + self.table(torch.arange(x.size(1)))


class Unproved(nn.Module):
    """Its sizes follow from layers that nothing proves them by."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(24, 7)
        self.second = nn.Linear(7, 6)

    def forward(self, x: Float[Tensor, "N T D"], y: Float[Tensor, "N E"]) -> Float[Tensor, "N T K"]:
        mixed = self.second(self.first(torch.cat([x, x], -1)))
        return mixed + (y * 1 @ self.second.weight)[:, None, :6]


class Hopeless(nn.Module):
    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        if x.numel() > 0:
            raise ValueError("nothing is good enough")
        return x


# What arguments may be


class Words(nn.Module):
    """Indices into tables, shifted; classes; lengths."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(50, 8)
        self.kinds = nn.Embedding(2, 8)
        self.out = nn.Linear(8, 5)

    def forward(
        self,
        ids: Int[Tensor, "N T"],
        kinds: Int[Tensor, "N T"],
        target: Int[Tensor, "N"],
        lengths: Int[Tensor, "N"],
    ) -> Float[Tensor, ""]:
        x = self.words(ids + 3) + self.kinds(kinds)
        x = x.sum(1) / lengths.unsqueeze(1).reciprocal().reciprocal()
        if int(lengths.min()) < 1:
            raise ValueError("a sentence has a word at least")
        return F.cross_entropy(self.out(x), target)


class Gathered(nn.Module):
    """An index into a dim of the call itself."""

    def forward(self, x: Float[Tensor, "N T"], last: Int[Tensor, "N"]) -> Float[Tensor, "N"]:
        return x.gather(1, last.unsqueeze(1)).squeeze(1)


class Parts(NamedTuple):
    values: Float[Tensor, "N C"]
    count: int


class Everything(nn.Module):
    """Lists, mappings, records, optional tensors, groups, masks, numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 2)

    def forward(
        self,
        x: Float[Tensor, "*batch C=4"],
        images: list[Float[Tensor, "?H C=4"]],
        named: dict[str, Float[Tensor, "N C=4"]],
        pair: tuple[Float[Tensor, "N C=4"], Bool[Tensor, "N"]],
        scale: float,
        mask: Float[Tensor, "*batch"] | None = None,
        twice: bool = False,
    ) -> tuple[Float[Tensor, "*batch D"], Parts]:
        y = self.linear(x) + images[0].sum() + images[1].mean() + named["a"].mean() * scale
        if mask is not None:
            y = y * mask.unsqueeze(-1)
        if twice:
            y = y * 2
        values = torch.where(pair[1].unsqueeze(1), pair[0], named["b"])
        return y, Parts(values, len(images))


class Unit(nn.Module):
    """Takes probabilities alone."""

    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, ""]:
        return F.binary_cross_entropy(x, torch.ones_like(x))


class NotANumber(nn.Module):
    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return (x - 1e9).sqrt()


class Noisy(nn.Module):
    """Prints, and has a buffer that calls change."""

    count: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("count", torch.zeros(()))

    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        self.count += 1
        print("called")
        return x


class Named(nn.Module):
    """Speaks of names."""

    def forward(
        self, x: Float[NamedTensor, "N T C"], bias: Float[NamedTensor, "*b C"] | None = None
    ) -> Float[NamedTensor, "N C"]:
        return x.mean("T")


@checked
def centred(x: Float[Tensor, "N C"], by: float = 0.5) -> Float[Tensor, "N C"]:
    return x - by


def traced(module: nn.Module, *inputs: Any) -> torch.jit.ScriptModule:
    """A trace of a module in eval mode."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.jit.trace(module.eval(), inputs, check_trace=False)


class Promises(nn.Module):
    """Its annotation says what it does not do."""

    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N 3"]:
        return x


class Stacked(nn.Module):
    """Calls a part that calls parts."""

    def __init__(self) -> None:
        super().__init__()
        self.part = nn.Sequential(nn.Sequential(nn.Linear(4, 4), nn.ReLU()), nn.Linear(4, 2))

    def forward(self, x: Float[Tensor, "N C=4"]) -> Float[Tensor, "N D=2"]:
        return self.part(x)


def transposed(module: nn.Module, args: tuple[Tensor]) -> tuple[Tensor]:
    return (args[0].T,)
