"""Exported programs of tensors with the manifests that describe them, made by hand from a signature's text."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from namedtorch.archive.interface import Input, Interface, Output
from namedtorch.archive.interface import Sequence as SequenceTree
from namedtorch.archive.manifest import Manifest, Method
from namedtorch.lower.functions import Functions
from namedtorch.lower.source import Sources
from namedtorch.lower.state import state_of
from namedtorch.signature.plan import build_plan
from namedtorch.signature.text import parse_signature


def exported(
    module: nn.Module,
    signature: str,
    inputs: Sequence[Tensor],
    dynamic: Sequence[dict[int, Any]],
) -> tuple[ExportedProgram, Manifest]:
    """A program of a module whose forward takes tensors and gives a tuple of them, and its manifest."""
    with torch.no_grad():
        program = torch.export.export(
            module.eval(), tuple(inputs), dynamic_shapes=tuple(dynamic), strict=False
        )
    read = parse_signature(signature)
    count = len(program.graph_signature.user_outputs)
    manifest = Manifest(
        name=f"tests.{type(module).__qualname__}",
        kind="module",
        mode="eval",
        guards="none",
        methods={"forward": Method(read, build_plan(read))},
        torch_version=torch.__version__,
        format="onnx",
        method="export",
        state=state_of(module, Functions(Sources())),
        interface=Interface(
            tuple(Input(one.name, (one.name,)) for one in read.parameters),
            tuple(f"result_{index}" for index in range(count)),
            SequenceTree("tuple", tuple(map(Output, range(count)))),
        ),
    )
    return program, manifest


class Bare(nn.Module):
    """No layer, and rows that depend on each other."""

    def forward(self, x: Tensor) -> tuple[Tensor]:
        return (x.cumsum(0),)


class Small(nn.Module):
    """A convolution, a norm, a pool, layers, and outputs in several sizes."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.act = nn.ReLU()
        self.head = nn.Linear(8, 5)

    def forward(self, image: Tensor, mask: Tensor, other: Tensor) -> tuple[Tensor, ...]:
        y = self.act(self.norm(self.conv(image)))
        scores = self.head(y.mean((2, 3)) * mask[:, None])
        # A window that moves by its own size, which need not be written.
        return scores, torch.cat([y, y], 2), nn.functional.max_pool2d(y, 2), scores > 0, other, other + 1


SIGNATURE = (
    "image: N C=3 H W, mask: N, other: M K=5 -> "
    "N classes=5, N D=8 2*H W, N D=8 H//2 W//2, N classes=5, M K=5, M K=5"
)


def small(most: int | None = None) -> tuple[ExportedProgram, Manifest]:
    """The program of `Small`, in which no dim is larger than `most`."""
    torch.manual_seed(0)
    dims: list[Any] = [
        Dim(name, min=least) if most is None else Dim(name, min=least, max=most)
        for name, least in (("N", 1), ("M", 1), ("H", 4), ("W", 4))
    ]
    n, m, h, w = dims
    return exported(Small(), SIGNATURE, sizes(3, 2, 9, 11), ({0: n, 2: h, 3: w}, {0: n}, {0: m}))


def sizes(n: int, m: int, h: int, w: int) -> list[Tensor]:
    """Inputs of `Small`."""
    return [torch.randn(n, 3, h, w), torch.randn(n), torch.randn(m, 5)]
