"""Random programs with NamedTensor: steps that ran, the tensors that they gave, and steps that a `DimError` ended."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

import namedtorch
from namedtorch import DimError, NamedTensor, named, named_module

SIZES = {"N": 8, "C": 9, "H": 10, "W": 11, "T": 12, "K": 13}
"""No size, and no half of one, is another, or 1."""

SCOPE: dict[str, Any] = {
    "torch": torch, "F": F, "nn": nn, "namedtorch": namedtorch, "named": named, "named_module": named_module,
}  # fmt: skip

HEADER = """\
import namedtorch
import torch
import torch.nn.functional as F
from namedtorch import Float, NamedTensor, named, named_module
from torch import nn


"""


@dataclass
class Program:
    """The dims of the parameters, the steps with what they gave, and steps that fail behind so many of these."""

    parameters: dict[str, tuple[str, ...]]
    steps: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    values: dict[str, NamedTensor] = field(default_factory=dict[str, NamedTensor])
    failing: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])

    def source(self, style: str, failing: tuple[int, str] | None = None) -> str:
        """The program as a function, with annotations of a style: `sized`, `named`, or `open`."""
        annotated = (f"{name}: {_annotation(dims, style)}" for name, dims in self.parameters.items())
        parameters = ", ".join(annotated)
        count = len(self.steps) if failing is None else failing[0]
        lines = [f"    {name} = {text}" for name, text in self.steps[:count]]
        wrong = [] if failing is None else [f"    wrong = {failing[1]}"]
        return "\n".join([f"{HEADER}def program({parameters}):", *lines, *wrong, "    return 0", ""])


def _annotation(dims: tuple[str, ...], style: str) -> str:
    """Names with the sizes of the run, names alone, or sizes and `_` among names, where axes may have any name."""
    texts: list[str] = []
    for place, dim in enumerate(dims):
        some = (dim, str(SIZES[dim]), "_")[(place + len(dims)) % 3]
        texts.append({"sized": f"{dim}={SIZES[dim]}", "named": dim, "open": some}[style])
    return f'Float[NamedTensor, "{" ".join(texts)}"]'


def drawn(seed: int, count: int = 8) -> Program:
    """A program of so many steps."""
    source = random.Random(seed)
    parameters = {
        f"p{place}": tuple(source.sample(list(SIZES), source.randint(1, 3)))
        for place in range(source.randint(2, 3))
    }
    program = Program(parameters)
    for name, dims in parameters.items():
        program.values[name] = named(torch.rand([SIZES[dim] for dim in dims]), " ".join(dims))
    for _ in range(6 * count):
        if len(program.steps) == count:
            break
        text = _step(source, program.values)
        try:
            value = eval(text, {**SCOPE, **program.values})
        except DimError:
            program.failing.append((len(program.steps), text))
            continue
        except (RuntimeError, TypeError, IndexError, ValueError, AttributeError):
            continue
        if isinstance(value, NamedTensor) and value.ndim <= 4 and value.numel() <= 20_000:
            if value.dtype != torch.float32:
                value, text = value.float(), f"({text}).float()"
            name = f"v{len(program.steps)}"
            program.steps.append((name, text))
            program.values[name] = value
    return program


def _step(source: random.Random, values: dict[str, NamedTensor]) -> str:
    x, y, z = (source.choice(list(values)) for _ in range(3))
    return source.choice(_TEMPLATES)(_Drawn(source, x, y, z, values[x].dims, values[y].dims))


@dataclass
class _Drawn:
    """Three tensors, and what is drawn for a step on them."""

    source: random.Random
    x: str
    y: str
    z: str
    own: tuple[str | None, ...]
    others: tuple[str | None, ...]

    def any_name(self) -> str:
        return self.source.choice(list(SIZES))

    def name(self) -> str:
        """Mostly one that the first tensor has."""
        known = [dim for dim in self.own if dim is not None and dim.isidentifier()]
        return self.source.choice(known) if known and self.source.random() < 0.8 else self.any_name()

    def dim(self) -> str:
        """A name, or a number."""
        if self.own and self.source.random() < 0.2:
            return str(self.source.randrange(-len(self.own), len(self.own)))
        return f'"{self.name()}"'

    def one_of(self, text: str) -> str:
        return self.source.choice(text.split())

    def shuffled(self) -> list[str]:
        names = [dim for dim in self.own if dim is not None]
        self.source.shuffle(names)
        return names

    def pattern(self, dims: tuple[str | None, ...]) -> str:
        """The dims in their order, with names for those that have none."""
        return " ".join(dim or self.any_name() for dim in dims)

    def some(self, dims: tuple[str | None, ...]) -> str:
        kept = {dim for dim in dims if dim is not None and dim.isidentifier() and self.source.random() < 0.6}
        return " ".join(sorted(kept))


_REDUCED = "sum mean amax std logsumexp prod nansum count_nonzero norm median"
_KEPT = "softmax log_softmax cumsum argsort cumprod logcumsumexp"
_UNARY = "relu() exp() abs() clone() mT contiguous() detach() square() sigmoid() clamp(0,1) triu()"

_TEMPLATES: list[Callable[[_Drawn], str]] = [
    lambda d: f"{d.x}.{d.one_of(_UNARY)}",
    lambda d: f"{d.x}.{d.one_of('sum mean amax std logsumexp prod nansum')}({d.dim()})",
    lambda d: f"{d.x}.{d.one_of('sum mean amax var')}({d.dim()}, keepdim=True)",
    lambda d: f'{d.x}.{d.one_of("sum mean amax")}(("{d.name()}", "{d.name()}"))',
    lambda d: f"{d.x}.{d.one_of(_KEPT)}({d.dim()})",
    lambda d: f"{d.x}.{d.one_of('argmax argmin count_nonzero')}({d.dim()})",
    lambda d: f"{d.x}.{d.one_of('max min median sort cummax mode')}({d.dim()}).values",
    lambda d: f"{d.x}.topk(2, {d.dim()}).indices",
    lambda d: f"{d.x} {d.one_of('+ - * /')} {d.y}",
    lambda d: f"{d.x} {d.one_of('< >= ==')} {d.y}",
    lambda d: f"2.0 {d.one_of('+ - *')} {d.x}",
    lambda d: f"{d.x} @ {d.y}",
    lambda d: f"{d.x}.align_as({d.y})",
    lambda d: f"{d.x} + {d.y}.align_as({d.x})",
    lambda d: f"{d.x}.align_to({', '.join(map(repr, d.shuffled()))})",
    lambda d: f'{d.x}.align_to(..., "{d.name()}", "{d.name()}")',
    lambda d: f'{d.x}.align_to("{d.name()}", ..., "{d.any_name()}")',
    lambda d: f'{d.x}.rename({d.name()}="{d.any_name()}")',
    lambda d: f"{d.x}.rename({d.name()}=None)",
    lambda d: f'{d.x}.refine_names(..., "{d.name()}")',
    lambda d: f'{d.x}.refine_names("{d.pattern(d.own)}")',
    lambda d: f"{d.x}.transpose({d.dim()}, {d.dim()})",
    lambda d: f"{d.x}.permute({', '.join(map(repr, d.shuffled()))})",
    lambda d: f"{d.x}.movedim({d.dim()}, {d.dim()})",
    lambda d: f'{d.x}.flatten(["{d.name()}", "{d.name()}"], "{d.any_name()}")',
    lambda d: f"{d.x}.flatten({d.dim()}, {d.dim()})",
    lambda d: f'{d.x}.unflatten({d.dim()}, (("{d.any_name()}", -1), ("J", 2)))',
    lambda d: f'{d.x}.unsqueeze("{d.any_name()}")',
    lambda d: f"{d.x}.unsqueeze({d.one_of('0 -1')})",
    lambda d: f"{d.x}.squeeze({d.dim()})",
    lambda d: f"{d.x}.select({d.dim()}, 0)",
    lambda d: f'{d.x}["{d.name()}", 0]',
    lambda d: f'{d.x}[{{"{d.name()}": 1}}]',
    lambda d: f'{d.x}["{d.name()}", 0, "{d.name()}", 0:2]',
    lambda d: f"{d.x}{d.one_of('[0] [...,0:1] [:,None] [1:3]')}",
    lambda d: f"{d.x}.narrow({d.dim()}, 0, 2)",
    lambda d: f"{d.x}.{d.one_of('split chunk')}(2, {d.dim()})[0]",
    lambda d: f"{d.x}.unbind({d.dim()})[0]",
    lambda d: f"{d.x}.roll(1, {d.dim()})",
    lambda d: f"{d.x}.flip({d.dim()})",
    lambda d: f"{d.x}.repeat({d.name()}=2)",
    lambda d: f"{d.x}.diagonal(dim1={d.dim()}, dim2={d.dim()})",
    lambda d: f"{d.x}.diff(dim={d.dim()})",
    lambda d: f"{d.x}.unfold({d.dim()}, 2, 1)",
    lambda d: f"{d.x}.index_select({d.dim()}, torch.tensor([0, 1]))",
    lambda d: f"{d.x}.gather({d.dim()}, ({d.y} > 2).long())",
    lambda d: f'namedtorch.cat([{d.x}, {d.y}], "{d.name()}")',
    lambda d: f'namedtorch.stack([{d.x}, {d.y}], "{d.any_name()}")',
    lambda d: f"torch.stack([{d.x}, {d.y}])",
    lambda d: f"namedtorch.where({d.x} > 0, {d.y}, {d.z})",
    lambda d: f"{d.x}.masked_fill({d.y} > 0, 0.0)",
    lambda d: f'namedtorch.contract({d.x}, {d.y}, over="{d.name()}")',
    lambda d: (
        f'namedtorch.einsum("{d.pattern(d.own)}, {d.pattern(d.others)} -> {d.some(d.own + d.others)}", {d.x}, {d.y})'
    ),
    lambda d: f'{d.x}.rearrange("{d.pattern(d.own)} -> {" ".join(d.shuffled())}")',
    lambda d: f'{d.x}.rearrange("{d.pattern(d.own)} -> ({" ".join(d.shuffled())})")',
    lambda d: f'{d.x}.reduce("{d.pattern(d.own)} -> {d.some(d.own)}", "max")',
    lambda d: f'named({d.x}.tensor, "{" ".join(d.any_name() for _ in d.own)}")',
    lambda d: f'named({d.x}, "{d.pattern(d.own)}")',
    lambda d: f'namedtorch.arange({d.any_name()}={d.x}.size("{d.name()}"))',
    lambda d: f"namedtorch.ones_like({d.x})",
    lambda d: f"F.softmax({d.x}, dim=-1)",
    lambda d: f"F.layer_norm({d.x}, {d.x}.shape[-1:])",
    lambda d: f"F.linear({d.x}, torch.zeros(7, {d.x}.shape[-1]))",
    lambda d: f'F.mse_loss({d.x}, {d.y}, reduction="none")',
    lambda d: f"F.scaled_dot_product_attention({d.x}, {d.y}, {d.z})",
    lambda d: f"torch.bmm({d.x}, {d.y})",
    lambda d: f"torch.maximum({d.x}, {d.y})",
    lambda d: f"{d.x}.expand_as({d.y})",
    lambda d: f"{d.x} - {d.x}.mean({d.dim()}, keepdim=True)",
    lambda d: f"{d.x}.std({d.dim()}).align_as({d.x})",
    lambda d: f"nn.Linear({d.x}.shape[-1], 3)({d.x})",
    lambda d: f'named_module(nn.Linear({d.x}.shape[-1], 3), "{d.name()} -> {d.any_name()}")({d.x})',
    lambda d: f"nn.Flatten()({d.x})",
]
