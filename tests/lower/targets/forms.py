"""Models of all forms that arguments, results and bodies have, as small as they can be."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from namedtorch import Float, Int, NamedTensor, checked


class State(NamedTuple):
    h: Float[Tensor, "N D"]
    c: Float[Tensor, "N D"]


@dataclass
class Scored:
    scores: Float[Tensor, "N K"]
    count: int


class Recurrent(nn.Module):
    """A record in and out, a number by keyword alone."""

    def forward(
        self, x: Float[Tensor, "N D=4"], state: State, *, scale: float = 2.0
    ) -> tuple[Float[Tensor, "N D"], State]:
        h = x * scale + state.h
        return h, State(h, state.c + 1)


class Images(nn.Module):
    """A list of images of different sizes, and a dict."""

    def forward(
        self, images: list[Float[Tensor, "C=3 ?H ?W"]], gains: dict[str, Float[Tensor, "C"]]
    ) -> list[Float[Tensor, "C ?H ?W"]]:
        gain = torch.stack(list(gains.values())).sum(0)
        return [one * gain[:, None, None] for one in images]


class Batched(nn.Module):
    """Any number of axes before the last."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 5)

    def forward(
        self, x: Float[Tensor, "*batch D=4"], shift: Float[Tensor, "*#batch D"]
    ) -> Float[Tensor, "*batch 5"]:
        return self.layer(x + shift)


class Aligned(nn.Module):
    """Names in the body, two groups around a dim."""

    def forward(
        self, x: Float[NamedTensor, "*a C *b"], mean: Float[NamedTensor, "C"]
    ) -> Float[NamedTensor, "*a C *b"]:
        return x - mean.align_as(x)


class Patterned(nn.Module):
    """Names and patterns in the body."""

    def forward(self, x: Float[NamedTensor, "N T D=6"]) -> Float[NamedTensor, "N T"]:
        heads = x.rearrange("N T (h d) -> N T h d", h=2)
        return heads.sum("d").mean("h")


class Chosen(nn.Module):
    """An Optional, a union, numbers."""

    def forward(
        self,
        x: Float[Tensor, "N C"] | Int[Tensor, "N"],
        scale: float = 2.0,
        mask: Float[Tensor, "N"] | None = None,
    ) -> dict[str, Any]:
        y = x.float() * scale
        return {"y": y if mask is None else y * mask[:, None], "kind": "scaled"}


class Derived(nn.Module):
    """Sizes computed from others."""

    def forward(
        self, x: Float[Tensor, "N T"], y: Float[Tensor, "N 2*T"], z: Float[Tensor, "T+1"]
    ) -> Float[Tensor, "N 3*T"]:
        return torch.cat([x, y], 1) + z.sum()


class Flattening(nn.Module):
    """Two dims in one axis."""

    def forward(self, x: Float[Tensor, "N (h w)"], weight: Float[Tensor, "h w"]) -> Float[Tensor, "N (h w)"]:
        return x + weight.reshape(-1)


class Sized(nn.Module):
    """A size that is an argument, and one that is an attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = 3

    def forward(self, x: Float[Tensor, "N {count} self.hidden"], count: int) -> Float[Tensor, "N {count}"]:
        return x.sum(2).view(-1, count)


class Several(nn.Module):
    """Any number of arguments, by position and by keyword."""

    def forward(self, *xs: Float[Tensor, "N D"], **ys: Float[Tensor, "N D"]) -> Float[Tensor, "N D"]:
        return sum(xs) + sum(ys.values())  # type: ignore[return-value]  # sum's 0 is no result here


class Recorded(nn.Module):
    """A dataclass as the result."""

    def forward(self, x: Float[Tensor, "N K"]) -> Scored:
        return Scored(x * 2, 7)


class Counting(nn.Module):
    """A buffer that each call changes, and a hook."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros(3))
        self.register_forward_hook(lambda module, args, result: result * 2)

    def forward(self, x: Float[Tensor, "N C=3"]) -> Float[Tensor, "N C"]:
        self.calls.add_(1)
        return x + self.calls

    @torch.jit.export
    def other(self, x: Float[Tensor, "N C=3"]) -> Float[Tensor, "N C"]:
        return x


class Classifier(nn.Module):
    """An image classifier; torch notes of its pooled sizes that they are not 1."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.head = nn.Linear(8, 5)

    def forward(self, image: Float[Tensor, "N C H W"]) -> Float[Tensor, "N classes=5"]:
        return self.head(self.norm(self.conv(image)).relu().mean((2, 3)))


class Windowed(nn.Module):
    """A convolution without padding."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 7)

    def forward(self, x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N 4 H-6 W-6"]:
        return self.conv(x)


class Quartered(nn.Module):
    """Pieces of four."""

    def forward(self, x: Float[Tensor, "N H"]) -> Float[Tensor, "N H//4"]:
        return x.view(x.shape[0], x.shape[1] // 4, 4).sum(2)


class Added(nn.Module):
    """Two dims that are one."""

    def forward(self, x: Float[Tensor, "N p"], y: Float[Tensor, "N q"]) -> Float[Tensor, "N p"]:
        return x + y


class Placed(nn.Module):
    """A table of positions."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.randn(100, 4))

    def forward(self, x: Float[Tensor, "N T D=4"]) -> Float[Tensor, "N T D"]:
        return x + self.table[: x.shape[1]]


class Looping(nn.Module):
    """A loop over a size."""

    def forward(self, x: Float[Tensor, "N T"]) -> Float[Tensor, "N"]:
        y = x[:, 0]
        for t in range(1, x.shape[1]):
            y = torch.tanh(y + x[:, t])
        return y


class Deciding(nn.Module):
    """A branch on numbers."""

    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        if x.sum() > 0:
            return x
        return -x


class Measuring(nn.Module):
    """A result that is no tensor."""

    def forward(self, x: Float[Tensor, "N C"]) -> dict[str, Any]:
        return {"y": x * 2, "count": x.shape[0]}


class Remembering(nn.Module):
    """A call that leaves something behind, in no buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.last = 0.0

    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        self.last += 1.0
        return x * self.last


class Typed(nn.Module):
    """An argument that no file can hold."""

    def forward(self, x: Float[Tensor, "N C"], dtype: torch.dtype = torch.float64) -> Float[Tensor, "N C"]:
        return x.to(dtype)


def product(x: Float[Tensor, "N C"], weight: Float[Tensor, "C K"]) -> Float[Tensor, "N K"]:
    return x @ weight


@checked
def summed(x: Float[NamedTensor, "N C"]) -> Float[NamedTensor, "N"]:
    return x.sum("C")
