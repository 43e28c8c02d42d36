"""Small modules that use one feature each, with a call that fits and one that does not."""

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Dict, Final, List, Literal, NamedTuple, Optional, Tuple, Union

import jaxtyping
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from namedtorch import Bool, Dims, Float, Int, checked


@dataclass(frozen=True)
class Case:
    """A module, what it is called with, the method, and a call that is refused with a text."""

    make: Callable[[], nn.Module]
    args: tuple[Any, ...]
    wrong: tuple[Any, ...]
    says: str
    method: str = "forward"
    kwargs: dict[str, Any] = field(default_factory=dict)
    lite: bool = True

    @property
    def name(self) -> str:
        return f"{self.make.__name__}-{self.method}"


class Size(enum.Enum):
    SMALL = 1
    LARGE = 2


class Boxes(NamedTuple):
    """What a detector returns."""

    corners: Float[Tensor, "N 4"]
    scores: Float[Tensor, "N"]


def halved(x: Float[Tensor, "*any"]) -> Float[Tensor, "*any"]:
    return x / 2


class Submodules(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)

    def forward(self, image: Float[Tensor, "N C=3 H W"]) -> Float[Tensor, "N 4 H-2 W-2"]:
        return self.norm(self.conv(image))


@checked
class Leaf(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, width)

    def forward(self, x: Float[Tensor, "*b d"]) -> Float[Tensor, "*b d"]:
        return self.linear(x)


@checked
class CheckedInside(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.leaf = Leaf(3)

    def forward(self, x: Float[Tensor, "N 3"]) -> Float[Tensor, "N 3"]:
        return self.leaf(x)


class Plain(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.leaf = Leaf(3)

    def forward(self, x, twice: bool = True):
        return self.leaf(x) * 2 if twice else self.leaf(x)


class PlainBetween(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.plain = Plain()

    def forward(self, x: Float[Tensor, "N 3"]) -> Float[Tensor, "N 3"]:
        return self.plain(x, False)


class Shared(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = Leaf(3)
        self.again = self.first

    def forward(self, x: Float[Tensor, "N 3"]) -> Float[Tensor, "N 3"]:
        return self.again(self.first(x))


class InSequential(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), Leaf(5))

    def forward(self, x: Float[Tensor, "N 3"]) -> Float[Tensor, "N 5"]:
        return self.body(x)


class InModuleList(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([Leaf(3), nn.Linear(3, 3), Leaf(3)])

    def forward(self, x: Float[Tensor, "N 3"]) -> Float[Tensor, "N 3"]:
        for i, layer in enumerate(self.layers):
            x = layer(x) + i
        return x


class InModuleDict(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.heads = nn.ModuleDict({"a": nn.Linear(3, 2), "b": Leaf(3)})

    def forward(self, x: Float[Tensor, "N 3"]) -> Dict[str, Float[Tensor, "N ?K"]]:
        found: Dict[str, Tensor] = {}
        for name, head in self.heads.items():
            found[name] = head(x)
        return found


def add_input(module: nn.Module, given: Tuple[Tensor], result: Tensor) -> Tensor:
    return result + given[0]


def negate(module: nn.Module, given: Tuple[Tensor]) -> Tensor:
    return -given[0]


class Hooked(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 3)
        self.linear.register_forward_hook(add_input)
        self.linear.register_forward_pre_hook(negate)

    def forward(self, x: Float[Tensor, "N 3"]) -> Float[Tensor, "N 3"]:
        return self.linear(x)


class Buffers(nn.Module):
    mean: Float[Tensor, "C"]

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor([1.0, 2.0, 3.0]))
        self.register_buffer("count", torch.tensor(2), persistent=False)
        self.register_buffer("empty", None)

    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return (x - self.mean) * self.count


class Exported(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.width = 3
        self.linear = nn.Linear(3, 2)

    def forward(self, x: Float[Tensor, "N self.width"]) -> Float[Tensor, "N 2"]:
        return self.linear(x)

    @torch.jit.export
    def encode(self, x: Float[Tensor, "T self.width"], scale: float = 2.0) -> Float[Tensor, "T self.width"]:
        return x * scale


class Defaults(nn.Module):
    def forward(
        self, x: Float[Tensor, "N C"], times: int = 2, name: str = "sum", by: float = 0.5, flag: bool = False
    ) -> Float[Tensor, "N C"]:
        return x * times * by if name == "sum" and not flag else x


class Optionals(nn.Module):
    def forward(
        self, x: Float[Tensor, "N C"], mask: Optional[Bool[Tensor, "N"]] = None
    ) -> Float[Tensor, "N C"]:
        if mask is not None:
            x = x.masked_fill(mask[:, None], 0.0)
        return x


class Images(nn.Module):
    """Images of different heights and widths."""

    def forward(self, images: list[Float[Tensor, "C ?H ?W"]]) -> Float[Tensor, "N C"]:
        return torch.stack([image.mean((1, 2)) for image in images])


class Tuples(nn.Module):
    def forward(
        self, pair: tuple[Float[Tensor, "N C"], int]
    ) -> tuple[Float[Tensor, "N"], list[Float[Tensor, "C"]]]:
        return pair[0].sum(1), [pair[0].sum(0)] * pair[1]


class Dicts(nn.Module):
    def forward(self, named: dict[str, Float[Tensor, "N ?C"]]) -> dict[str, Float[Tensor, "N"]]:
        return {key: value.sum(1) for key, value in named.items()}


class ReturnsRecord(nn.Module):
    def forward(self, x: Float[Tensor, "N 5"]) -> Boxes:
        return Boxes(x[:, :4], x[:, 4])


class SelfSizes(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.heads, self.width = 2, 3

    def forward(
        self, x: Float[Tensor, "N self.heads*self.width"]
    ) -> Float[Tensor, "N self.heads self.width"]:
        return x.view(x.shape[0], self.heads, self.width)


class Arithmetic(nn.Module):
    def forward(self, x: Float[Tensor, "N 2*C where C >= 2"]) -> Float[Tensor, "N C"]:
        return x[:, : x.shape[1] // 2]


class Flattening(nn.Module):
    def forward(self, x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N (C H W)"]:
        return x.flatten(1)


class Groups(nn.Module):
    def forward(self, x: Float[Tensor, "*a C *b"], mean: Float[Tensor, "C=3"]) -> Float[Tensor, "*a C *b"]:
        return x - mean.view(-1, 1, 1)


class Broadcasting(nn.Module):
    def forward(self, x: Float[Tensor, "*#b C"], y: Float[Tensor, "*#b C"]) -> Float[Tensor, "*b C"]:
        return x + y


class MemoryFormat(nn.Module):
    def forward(self, x: Float[Tensor, "N C H W @ channels_last"]) -> Float[Tensor, "N C H W"]:
        return x.relu()


class Dtypes(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(10, 4)

    def forward(self, ids: Int[Tensor, "N T"]) -> Float[Tensor, "N T 4"]:
        return self.embedding(ids)


class Unions(nn.Module):
    def forward(self, x: Union[Float[Tensor, "N"], List[Float[Tensor, "N"]]]) -> Float[Tensor, "N"]:
        if isinstance(x, Tensor):
            return x
        return x[0]


class Jaxtyped(nn.Module):
    def forward(self, x: jaxtyping.Float[Tensor, "batch 3"]) -> jaxtyping.Float[Tensor, "batch"]:
        y: jaxtyping.Float[Tensor, "batch 3"] = x * 2
        return y.sum(1)


class InAnnotated(nn.Module):
    def forward(self, x: Annotated[Tensor, Dims("N 3", Float)]) -> Annotated[Tensor, Dims("N", Float)]:
        return x.sum(1)


class Words(nn.Module):
    """Literals, enums, sequences, constants."""

    scale: Final[int]

    def __init__(self) -> None:
        super().__init__()
        self.scale = 3

    def forward(
        self, xs: Sequence[Float[Tensor, "N"]], how: Literal["sum", "last"] = "sum", size: Size = Size.LARGE
    ) -> Float[Tensor, "N"]:
        x = xs[0] + xs[1] if how == "sum" else xs[-1]
        return x * self.scale if size == Size.LARGE else x


class ControlFlow(nn.Module):
    def forward(self, x: Float[Tensor, "N C"], steps: int = 3) -> Float[Tensor, "N C"]:
        for step in range(steps):
            if step == 2:
                continue
            x = halved(x)
            while x.sum() > 100:
                return x
        return x


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(3, 4, batch_first=True)

    def forward(
        self,
        x: Float[Tensor, "N T 3"],
        state: Optional[Tuple[Float[Tensor, "1 N 4"], Float[Tensor, "1 N 4"]]] = None,
    ) -> Tuple[Float[Tensor, "N T 4"], Tuple[Float[Tensor, "1 N 4"], Float[Tensor, "1 N 4"]]]:
        return self.lstm(x, state)


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.heads = 2
        self.qkv = nn.Linear(4, 12)

    def forward(self, x: Float[Tensor, "N T D=4"]) -> Float[Tensor, "N T D"]:
        n, t, d = x.shape
        q, k, v = self.qkv(x).view(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        return F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, t, d)


class Cached(nn.Module):
    """A cache of keys and values that a step may be without."""

    def forward(
        self,
        x: Float[Tensor, "N D"],
        cache: Optional[List[Tuple[Float[Tensor, "N ?T D"], Float[Tensor, "N ?T D"]]]] = None,
    ) -> Float[Tensor, "N D"]:
        if cache is not None:
            for key, value in cache:
                x = x + key.sum(1) * value.sum(1)
        return x


class KeywordOnly(nn.Module):
    def forward(self, x: Float[Tensor, "N C"], *, scale: float) -> Float[Tensor, "N C"]:
        return x * scale


class NoGradients(nn.Module):
    @torch.no_grad()
    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return x * 2


@torch.no_grad()
def doubled(x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
    return x * 2


class NoGradientsInside(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = NoGradients()

    def forward(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        with torch.no_grad():
            y = self.inner(x)
        return y + doubled(x)


class Unused(nn.Module):
    """What is marked unused is not compiled, and does not stand in the way of a file."""

    def forward(self, x: Float[Tensor, "N C"], plot: bool = False) -> Float[Tensor, "N C"]:
        if plot:
            return self.plot(x)
        return x

    @torch.jit.unused
    def plot(self, x: Float[Tensor, "N C"]) -> Float[Tensor, "N C"]:
        return max((x, -x), key=lambda one: one.sum())


def adopted() -> nn.Module:
    return checked(nn.Sequential(nn.Flatten(), nn.Linear(12, 2)), "image: N C=3 H W -> N classes=2")


X = torch.arange(6.0).reshape(2, 3)
IMAGE = torch.rand(2, 3, 5, 6)
NHWC = IMAGE.permute(0, 2, 3, 1)

CASES = [
    Case(Submodules, (IMAGE,), (NHWC,), "`image` has size 5 at axis 1, but `C` is 3"),
    Case(CheckedInside, (X,), (X.T,), "`x` has size 2 at axis 1, but the annotation says 3"),
    Case(PlainBetween, (X,), (X.T,), "`x` has size 2 at axis 1, but the annotation says 3"),
    Case(Shared, (X,), (X.long(),), "`x` has another dtype than Float"),
    Case(InSequential, (X,), (X[0],), "`x` has rank 1, but `N 3` has rank 2"),
    Case(InModuleList, (X,), (X.T,), "`x` has size 2 at axis 1, but the annotation says 3"),
    Case(InModuleDict, (X,), (X.T,), "`x` has size 2 at axis 1, but the annotation says 3"),
    Case(Hooked, (X,), (X.T,), "`x` has size 2 at axis 1, but the annotation says 3"),
    Case(Buffers, (X,), (X[0],), "`x` has rank 1, but `N C` has rank 2"),
    Case(Exported, (X,), (X.T,), "`x` has size 2 at axis 1, but `width` is 3"),
    Case(Exported, (X, 3.0), (X.T, 3.0), "`x` has size 2 at axis 1, but `width` is 3", method="encode"),
    Case(Defaults, (X, 3), (X[0],), "`x` has rank 1, but `N C` has rank 2"),
    Case(
        Optionals,
        (X, torch.tensor([True, False])),
        (X, torch.ones(3, dtype=torch.bool)),
        "`mask` has size 3 at axis 0, but `N` is 2 (bound by `x` at axis 0)",
    ),
    Case(Optionals, (X,), (X[0],), "`x` has rank 1, but `N C` has rank 2"),
    Case(
        Images,
        ([torch.rand(3, 4, 5), torch.rand(3, 6, 2)],),
        ([torch.rand(3, 4, 5), torch.rand(4, 6, 2)],),
        "`images[1]` has size 4 at axis 0, but `C` is 3",
    ),
    Case(Tuples, ((X, 2),), ((X[0], 2),), "`pair[0]` has rank 1, but `N C` has rank 2"),
    Case(
        Dicts,
        ({"a": X, "b": X[:, :2]},),
        ({"a": X, "b": X.T},),
        "`named[b]` has size 3 at axis 0, but `N` is 2",
    ),
    Case(ReturnsRecord, (torch.rand(2, 5),), (X,), "`x` has size 3 at axis 1, but the annotation says 5"),
    Case(SelfSizes, (torch.rand(2, 6),), (X,), "`x` has size 3 at axis 1, but the annotation says 6"),
    Case(Arithmetic, (torch.rand(2, 4),), (torch.rand(2, 3),), "`x` has size 3 at axis 1"),
    Case(Flattening, (IMAGE,), (X,), "`x` has rank 2, but `N C H W` has rank 4"),
    Case(Groups, (IMAGE, torch.rand(3)), (NHWC[..., :2], torch.rand(3)), "`x`"),
    Case(Broadcasting, (X, X[:1]), (X, torch.rand(3, 3)), "`y`"),
    Case(
        MemoryFormat,
        (IMAGE.to(memory_format=torch.channels_last),),
        (IMAGE,),
        "`x` is not stored as `@ channels_last`",
    ),
    Case(Dtypes, (torch.tensor([[1, 2]]),), (X,), "`ids` has another dtype than Int"),
    Case(Unions, ([X[0], X[1]],), ([X],), "`x[0]` has rank 2, but `N` has rank 1", lite=False),
    Case(Jaxtyped, (X,), (X.T,), "`x` has size 2 at axis 1, but the annotation says 3"),
    Case(InAnnotated, (X,), (X.T,), "`x` has size 2 at axis 1, but the annotation says 3"),
    Case(
        Words, ([X[0], X[1]],), ([X[0], X[1, :2]],), "`xs[1]` has size 2 at axis 0, but `N` is 3", lite=False
    ),
    Case(ControlFlow, (X,), (X[0],), "`x` has rank 1, but `N C` has rank 2"),
    Case(Recurrent, (torch.rand(2, 4, 3),), (X,), "`x` has rank 2, but `N T 3` has rank 3"),
    Case(Attention, (torch.rand(2, 5, 4),), (torch.rand(2, 5, 6),), "`x` has size 6 at axis 2, but `D` is 4"),
    Case(
        KeywordOnly, (X,), (X[0],), "`x` has rank 1, but `N C` has rank 2", kwargs={"scale": 2.0}, lite=False
    ),
    Case(NoGradients, (X,), (X[0],), "`x` has rank 1, but `N C` has rank 2"),
    Case(NoGradientsInside, (X,), (X[0],), "`x` has rank 1, but `N C` has rank 2"),
    Case(Unused, (X,), (X[0],), "`x` has rank 1, but `N C` has rank 2"),
    Case(adopted, (torch.rand(2, 3, 2, 2),), (NHWC,), "`image` has size 5 at axis 1, but `C` is 3"),
]
