"""Kinds of files that plain torch writes: what each gets from annotate, and calls of what is in it."""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

import torch
from torch import Tensor, nn

from namedtorch import Float
from namedtorch.signature.function import signature_of


class Halved(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x) / 2


class Classifier(nn.Module):
    shift: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.classes = 5
        self.conv = nn.Conv2d(3, 4, 3)
        self.head = Halved()
        self.register_buffer("shift", torch.rand(5))

    def forward(self, x: Tensor) -> Tensor:
        if x.sum() < 0:
            raise ValueError("negative")  # the line
        if x.size(0) == 1:
            return self.head(self.conv(x).mean((2, 3)))
        return self.head(self.conv(x).mean((2, 3))) + self.shift

    @torch.jit.export
    def features(self, x: Tensor) -> Tensor:
        return self.conv(x)


class Rescaled(nn.Module):
    def forward(
        self, x: Tensor, by: float = 2.0, mask: Optional[Tensor] = None, sizes: Tuple[int, int] = (1, 2)
    ) -> Tensor:
        y = x * by + sizes[1]
        if mask is not None:
            y = y * mask
        return y


class Joined(nn.Module):
    def forward(self, parts: List[Tensor], names: List[str]) -> Tensor:
        return torch.cat(parts) * len(names)


class Split(nn.Module):
    def forward(self, x: Tensor) -> Tuple[Tensor, Optional[Tensor], int]:
        return x, x.sum(1), x.size(0)


class Scored(nn.Module):
    def forward(self, x: Tensor) -> Dict[str, Tensor]:
        return {"scores": x.sum(1), "copy": x}


class Boxes(NamedTuple):
    corners: Tensor
    scores: Optional[Tensor]


class Detected(nn.Module):
    def forward(self, boxes: Boxes, known: Dict[str, Tensor]) -> Boxes:
        return Boxes(boxes.corners + known["shift"], boxes.scores)


class Looped(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        total = torch.zeros_like(x[0])
        for i in range(x.size(0)):
            if i % 2:
                continue
            total = total + x[i]
            if i > 5:
                return total
        return total


class Traced(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 2)

    def forward(self, x: Tensor, pair: Tuple[Tensor, Tensor]) -> Tuple[Tensor, Dict[str, Tensor]]:
        return self.linear(x), {"sum": pair[0] + pair[1]}


class Quantized(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.into = torch.ao.quantization.QuantStub()
        self.conv = nn.Conv2d(3, 4, 3)
        self.out = torch.ao.quantization.DeQuantStub()

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.conv(self.into(x)))


class Same(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x


def blend(x: Tensor, y: Tensor, share: float = 0.5) -> Tensor:
    return x * share + y * (1.0 - share)


class BoxesHint(NamedTuple):
    corners: Float[Tensor, "N four=4"]
    scores: Optional[Float[Tensor, "N"]]


def boxes_hint(boxes: BoxesHint, known: Dict[str, Float[Tensor, "_ four=4"]]) -> BoxesHint:
    raise NotImplementedError


def parts_hint(parts: List[Float[Tensor, "?N D"]]) -> Float[Tensor, "_ D"]:
    raise NotImplementedError


def scripted(model: Any) -> Callable[[Path], None]:
    return lambda path: torch.jit.script(model.eval()).save(str(path))


def trained(path: Path) -> None:
    torch.jit.script(Classifier().train()).save(str(path))


def frozen(path: Path) -> None:
    torch.jit.freeze(torch.jit.script(Classifier().eval())).save(str(path))


def traced(path: Path) -> None:
    example = (torch.rand(3, 4), (torch.rand(2), torch.rand(2)))
    torch.jit.trace(Traced(), example, strict=False).save(str(path))


def function(path: Path) -> None:
    torch.jit.script(blend).save(str(path))


def traced_function(path: Path) -> None:
    torch.jit.trace(blend, (torch.rand(2), torch.rand(2))).save(str(path))


def lite(path: Path) -> None:
    torch.jit.script(Classifier().eval())._save_for_lite_interpreter(str(path))


def quantized(path: Path) -> None:
    model = Quantized().eval()
    model.qconfig = torch.ao.quantization.get_default_qconfig("x86")
    prepared = torch.ao.quantization.prepare(model)
    prepared(IMAGES)
    torch.jit.script(torch.ao.quantization.convert(prepared)).save(str(path))


def rewritten(path: Path, change: Callable[[str, bytes], bytes]) -> None:
    """Writes a zip again, each record as it is after the change."""
    with zipfile.ZipFile(path) as file:
        records = [(name, change(name, file.read(name))) for name in file.namelist()]
    with zipfile.ZipFile(path, "w") as file:
        for name, data in records:
            file.writestr(name, data)


def older(path: Path) -> None:
    """As torch 1.5 wrote it, when dividing integers gave integers: what is loaded is what was meant."""

    def divided(x: Tensor, y: Tensor) -> Tensor:
        return torch.div(x, y)

    torch.jit.script(divided).save(str(path))
    rewritten(path, lambda name, data: b"3\n" if name.endswith("/version") else data)


torch.manual_seed(0)
IMAGES = torch.rand(2, 3, 6, 7)
ROWS = torch.rand(3, 4)
SWAPPED = (IMAGES.permute(0, 2, 3, 1),)
NHWC = "`image` has size 6 at axis 1, but `C` is 3"
PAIR = (torch.rand(2), torch.rand(2))


@dataclass(frozen=True)
class Old:
    """A kind of file: what it gets, a call that fits, and one that does not, with what the new file says.

    Without `lite`, the lite interpreter can't be called with such arguments from Python: it takes no tuple as a record.
    """

    write: Callable[[Path], None]
    signature: Any
    good: tuple[Any, ...]
    bad: tuple[Any, ...]
    said: str
    lite: bool = True
    suffix: str = ".pt"


OLD = {
    "scripted": Old(
        scripted(Classifier()),
        "image: N C=3 H W -> N classes=5 where H >= 3",
        (IMAGES,),
        (torch.rand(2, 3, 2, 7),),
        "`H >= 3` does not hold: H=2 (`H` is `image` at axis 2)",
    ),
    "trained": Old(trained, "image: N C=3 H W -> N self.classes", (IMAGES,), SWAPPED, NHWC),
    "early return": Old(scripted(Classifier()), "image: N C=3 H W -> N 5", (IMAGES[:1],), SWAPPED, NHWC),
    "loop": Old(
        scripted(Looped()), "x: N D -> D", (ROWS,), (torch.rand(3),), "`x` has rank 1, but `N D` has rank 2"
    ),
    "frozen": Old(frozen, "image: N C=3 H W -> N 5", (IMAGES,), SWAPPED, NHWC),
    "lite": Old(lite, "image: N C=3 H W -> N 5", (IMAGES,), SWAPPED, NHWC, suffix=".ptl"),
    "quantized": Old(quantized, "image: N C=3 H W -> N 4 H-2 W-2", (IMAGES,), SWAPPED, NHWC),
    "own names": Old(
        scripted(Rescaled()),
        "x: N D, mask: N D -> N D",
        (ROWS, 3.0, torch.ones(3, 4)),
        (ROWS, 3.0, torch.ones(4, 4)),
        "`mask` has size 4 at axis 0, but `N` is 3 (bound by `x` at axis 0)",
    ),
    "other names": Old(
        scripted(Rescaled()),
        "rows: N D, factor: ..., where_: N D -> N D",
        (ROWS, 3.0, torch.ones(3, 4)),
        (ROWS, 3.0, torch.ones(3, 5)),
        "`where_` has size 5 at axis 1, but `D` is 4 (bound by `rows` at axis 1)",
    ),
    "defaults": Old(
        scripted(Rescaled()), "x: N D -> N D", (ROWS,), (ROWS[0],), "`x` has rank 1, but `N D` has rank 2"
    ),
    "list": Old(
        scripted(Joined()),
        signature_of(parts_hint),
        ([ROWS, ROWS], ["a"]),
        ([ROWS, torch.rand(3, 5)], ["a"]),
        "`parts[1]` has size 5 at axis 1, but `D` is 4",
    ),
    "record and dict": Old(
        scripted(Detected()),
        signature_of(boxes_hint),
        ((torch.rand(2, 4), torch.rand(2)), {"shift": torch.rand(1, 4)}),
        ((torch.rand(2, 4), torch.rand(3)), {"shift": torch.rand(1, 4)}),
        "`boxes.scores` has size 3 at axis 0, but `N` is 2 (bound by `boxes.corners` at axis 0)",
        lite=False,
    ),
    "tuple result": Old(
        scripted(Split()),
        "x: N D -> N D, N, ...",
        (ROWS,),
        (ROWS[0],),
        "`x` has rank 1, but `N D` has rank 2",
    ),
    "dict result": Old(
        scripted(Scored()), "x: N D=4 -> ...", (ROWS,), (ROWS.T,), "`x` has size 3 at axis 1, but `D` is 4"
    ),
    "traced": Old(
        traced,
        "x: N D=4 -> N 2, ...",
        (ROWS, PAIR),
        (ROWS.T, PAIR),
        "`x` has size 3 at axis 1, but `D` is 4",
    ),
    "function": Old(
        function,
        "x: *a C *b, y: C -> *a C *b",
        (torch.rand(2, 3, 5).transpose(1, 2), torch.rand(3), 0.25),
        (torch.rand(2, 4), torch.rand(3), 0.25),
        "`x` has no axis for `C` between its groups: its sizes are [2, 4]",
    ),
    "traced function": Old(
        traced_function,
        "x: N, y: N -> N",
        (torch.rand(3), torch.rand(3)),
        (torch.rand(3), torch.rand(1)),
        "`y` has size 1 at axis 0, but `N` is 3 (bound by `x` at axis 0)",
    ),
    "no nodes": Old(
        scripted(Same()), "x: N -> N", (torch.rand(3),), (ROWS,), "`x` has rank 2, but `N` has rank 1"
    ),
    "older torch": Old(
        older,
        "x: N, y: N -> N",
        (torch.tensor([7]), torch.tensor([2])),
        (torch.tensor([7, 8]), torch.tensor([2])),
        "`y` has size 1 at axis 0, but `N` is 2 (bound by `x` at axis 0)",
    ),
    "wrong result": Old(
        scripted(Same()),
        "x: N D -> D N",
        (torch.rand(2, 2),),
        (torch.rand(2, 3),),
        "`result` has size 2 at axis 0, but `D` is 3 (bound by `x` at axis 1)",
    ),
}
