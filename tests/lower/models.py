"""Models that each use one feature of the language or of TorchScript."""

import enum
from collections.abc import Sequence
from typing import Annotated, Any, Dict, Final, List, Literal, NamedTuple, NewType, Optional, Tuple, Union

import jaxtyping
import torch
from torch import Tensor, nn

from namedtorch import Dims, Float, checked
from tests.lower import helpers_module
from tests.lower.helpers_module import shifted

Width = NewType("Width", int)


def plain_sum(x: Float[Tensor, "N C"]) -> Float[Tensor, "N"]:
    return x.sum(1)


class Color(enum.Enum):
    RED = 1
    BLUE = 2


class Parts(NamedTuple):
    """A record with dims in a field and a default."""

    values: Float[Tensor, "N C"]
    count: int = 3


class Annotated_(nn.Module):
    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return x.relu()


@checked
class Branches(nn.Module):
    def forward(self, x: Float[Tensor, "N C"], twice: bool = False) -> Float[Tensor, "N C"]:
        y: Float[Tensor, "N C"] = x
        for _ in range(2):
            if twice:
                y = y + x
        return y


# fmt: off
class Jaxtyped(nn.Module):
    def forward(
        self,
        x: jaxtyping.Float[
            Tensor, "N C"
        ],
        *,
        scale: float,
    ) -> jaxtyping.Float[
        Tensor, "N C"
    ]:
        y: jaxtyping.Float[Tensor,
                           "N C"] = x * scale; z: Float[Tensor, "N C"] = y  # noqa: E702
        return z
# fmt: on


class InAnnotated(nn.Module):
    def forward(self, x: Annotated[Tensor, Dims("N C", Float)], w: Annotated[int, "width"] = 2) -> Tensor:
        return x * w


class Options(nn.Module):
    def forward(
        self,
        x: Float[Tensor, "N C"],
        mask: Optional[Float[Tensor, "N"]] = None,
        bias: "Float[Tensor, 'C'] | None" = None,
    ) -> Float[Tensor, "N C"]:
        if mask is not None:
            x = x * mask[:, None]
        if bias is not None:
            x = x + bias
        return x


class Lists(nn.Module):
    def forward(
        self, xs: Sequence[Float[Tensor, "N C"]], ys: list[Float[Tensor, "N C"]]
    ) -> Float[Tensor, "N C"]:
        return xs[0] + ys[-1]


class Containers(nn.Module):
    def forward(
        self, pair: tuple[Float[Tensor, "N C"], int], named: Dict[str, Float[Tensor, "N C"]]
    ) -> Tuple[Float[Tensor, "N C"], List[Float[Tensor, "N C"]]]:
        return pair[0] * pair[1], [named["a"], named["b"]]


class Records(nn.Module):
    def forward(self, x: Float[Tensor, "N C"]) -> Parts:
        parts = self.make(x)
        return Parts(values=parts.values + 1, count=parts.count)

    def make(self, x: Float[Tensor, "N C"]) -> Parts:
        return Parts(x)


class Plain(nn.Module):
    def forward(
        self,
        x: Float[Tensor, "N C"],
        mode: Literal["sum", "max"] = "sum",
        width: Width = Width(2),
        factor: Union[int, float] = 2,
        color: Color = Color.RED,
    ) -> Tensor:
        if mode == "sum":
            x = x.sum(1, keepdim=True)
        if color == Color.BLUE:
            x = -x
        return x * width * float(factor)


class Attention(nn.Module):
    """Calls its own methods, static ones, helpers by name, and helpers as attributes of modules."""

    weight: Float[nn.Parameter, "C C"]

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.eye(3))
        self.offset: Float[Tensor, "C"] = torch.ones(3)
        self.act = helpers_module.double

    def attend(self, q: Float[Tensor, "N C"], k: Float[Tensor, "N C"]) -> Float[Tensor, "N N"]:
        scores: Float[Tensor, "N N"] = q @ k.T
        return self.normalize(scores)

    @staticmethod
    def normalize(scores: Float[Tensor, "N M"]) -> Float[Tensor, "N M"]:
        return torch.softmax(shifted(scores), -1)

    @property
    def size(self) -> int:
        return 3

    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N"]:
        y = self.attend(x @ self.weight, helpers_module.double(x)) @ x + self.offset
        return plain_sum(self.act(y)) + self.size


class Inherited(Attention):
    """Only a method that the inherited forward calls is its own."""

    def attend(self, q: Float[Tensor, "N C"], k: Float[Tensor, "N C"]) -> Float[Tensor, "N N"]:
        return self.normalize(q @ k.T * 0.5)


@checked
class Inner(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.lin = nn.Linear(width, width)

    def forward(self, x: Float[Tensor, "*batch d"]) -> Float[Tensor, "*batch d"]:
        return self.lin(x).tanh()

    def extra(self, x: Float[Tensor, "*batch d"], by: int = 2) -> Float[Tensor, "*batch d"]:
        return x * by


@checked
class Tree(nn.Module):
    """Submodules of all kinds, one of them in two places."""

    conv: nn.Conv2d
    layers: nn.ModuleList

    def __init__(self) -> None:
        super().__init__()
        self.classes = 4
        shared = Inner(4)
        self.layers = nn.ModuleList([Inner(4), shared])
        self.table = nn.ModuleDict({"again": shared, "norm": nn.LayerNorm(4)})
        self.tail = nn.Sequential(nn.Linear(4, 4), Inner(4))
        self.conv = nn.Conv2d(4, 4, 1)

    def forward(self, x: Float[Tensor, "N 4"]) -> Float[Tensor, "N self.classes"]:
        for layer in self.layers:
            x = layer(x)
        x = self.table["again"](self.table["norm"](x))
        return self.tail(x) + self.table["again"].extra(x) + self.conv(x[:, :, None, None]).flatten(1)


class Exporting(nn.Module):
    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return self.encode(x)

    @torch.jit.export
    @checked
    def encode(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return x + 1


def add_one(module: nn.Module, given: Tuple[Float[Tensor, "N C"]], result: Float[Tensor, "N C"]) -> Tensor:
    return result + given[0]


class Hooked(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = Annotated_()
        self.inner.register_forward_hook(add_one)

    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return self.inner(x)


class Decorated(nn.Module):
    """Decorators that keep what they wrap; `@checked` among them."""

    @torch.no_grad()
    @checked
    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return self.inner(x)

    @jaxtyping.jaxtyped(typechecker=None)
    def inner(self, x: jaxtyping.Float[Tensor, "N C"]) -> jaxtyping.Float[Tensor, "N C"]:
        return x * 2


class Quiet(nn.Module):
    @torch.no_grad()
    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return x * 2


class Attributes(nn.Module):
    """Attributes whose values tell no type, constants, functions."""

    __constants__ = ("k",)
    known: Final[int]

    def __init__(self) -> None:
        super().__init__()
        self.k = 3
        self.known = 4
        self.part: Optional[nn.Module] = None
        self.mask: Optional[Tensor] = None
        self.cache: "Float[Tensor, 'C'] | None" = None
        self.sizes: List[int] = []
        self.act = torch.tanh
        self.other = nn.functional.relu
        self.register_buffer("none", None)

    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        if self.part is not None:
            x = self.part(x)
        mask, cache = self.mask, self.cache
        if mask is not None and cache is not None:
            x = x * mask * cache
        return self.act(x) + self.other(x) * self.k * self.known + len(self.sizes)


def made_inside() -> nn.Module:
    """A class whose annotations and helpers stand in the function around it."""
    Image = Float[Tensor, "N C"]

    def halved(x: Image) -> Image:
        return x / 2

    class Local(nn.Module):
        def forward(self, x: Image) -> Optional[Image]:
            y: Image = halved(x)
            return y

    return Local()


def made_for(kind: Any) -> type[nn.Module]:
    """A class whose annotations mention what only the function around it sees, and TorchScript does not."""

    class Pair(NamedTuple):
        left: Float[Tensor, "N C"]
        right: int

    class Pairing(nn.Module):
        def forward(self, x: Float[Tensor, "N C"], factor: kind) -> Float[Tensor, "N C"]:
            pair: Pair = self.pair(x)
            return pair.left * pair.right * int(factor)

        def pair(self, x: Float[Tensor, "N C"]) -> Pair:
            return Pair(x, x.size(0))

    return Pairing


class Silent(nn.Module):
    """Results and some parameters are not annotated."""

    def forward(self, x: Float[Tensor, "N C"], y, flag: bool = True):
        if flag:
            return x + y
        return x - y


class Wide(nn.Module):
    def forward(self, größe: Float[Tensor, "N C"], π: float = 3.14) -> Float[Tensor, "N C"]:
        y: Float[Tensor, "N C"] = größe * π
        z: Float[Tensor, "N C"] = y + 1
        return z


def given() -> nn.Module:
    return checked(nn.Sequential(nn.Linear(3, 4), nn.ReLU()), "input: N 3 -> N out=4")
