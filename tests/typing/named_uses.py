"""How users write NamedTensors: what mypy and pyright must see, and what the program itself must find.

`# revealed: T` is the type that both checkers infer. The program runs, and each value is of that type.
"""

from collections.abc import Sequence
from typing import reveal_type

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import namedtorch
from namedtorch import DimError, Float, NamedTensor, call, checked, named, named_module

# Made

plain = torch.rand(2, 3, 4)
x = named(plain, "N C T")
reveal_type(x)  # revealed: NamedTensor
reveal_type(named(np.zeros((2, 3)), ("N", None)))  # revealed: NamedTensor
reveal_type(namedtorch.randn(N=2, C=3, T=4))  # revealed: NamedTensor
reveal_type(namedtorch.zeros("N=2 C=3", dtype=torch.float64))  # revealed: NamedTensor
reveal_type(namedtorch.ones(2, 3, names=("N", "C")))  # revealed: NamedTensor
reveal_type(namedtorch.full(1.5, N=2))  # revealed: NamedTensor
reveal_type(namedtorch.arange(T=4))  # revealed: NamedTensor
reveal_type(namedtorch.randint(0, 8, N=2))  # revealed: NamedTensor
reveal_type(namedtorch.tensor([1.0, 2.0], names=("C",)))  # revealed: NamedTensor
reveal_type(namedtorch.zeros_like(x))  # revealed: NamedTensor

# Asked

reveal_type(x.tensor)  # revealed: Tensor
reveal_type(x.dims)  # revealed: tuple[str | None, ...]
reveal_type(x.size("C"))  # revealed: int
reveal_type(x.size())  # revealed: Size
reveal_type(x.sizes["C"])  # revealed: int
reveal_type(x.has_names())  # revealed: bool
reveal_type(x.ndim)  # revealed: int
reveal_type(x.dtype)  # revealed: dtype
reveal_type(x.device)  # revealed: device
reveal_type(len(x))  # revealed: int
reveal_type(float(x.mean()))  # revealed: float
reveal_type(f"{x.mean():.2f}")  # revealed: str

# Python's operators, with plain tensors and numbers on either side

reveal_type(x + 1)  # revealed: NamedTensor
reveal_type(2 * x)  # revealed: NamedTensor
reveal_type(1 - x / 2)  # revealed: NamedTensor
reveal_type(2**x)  # revealed: NamedTensor
reveal_type(plain + x)  # revealed: NamedTensor
reveal_type(x * plain)  # revealed: NamedTensor
reveal_type(x @ x.transpose("C", "T"))  # revealed: NamedTensor
reveal_type(-x)  # revealed: NamedTensor
reveal_type(x > 0)  # revealed: NamedTensor
reveal_type(x == 0)  # revealed: NamedTensor
reveal_type(x == "x")  # revealed: bool
reveal_type((x > 0) & ~(x > 1))  # revealed: NamedTensor
x += 1
x *= plain
reveal_type(x)  # revealed: NamedTensor

# Names in the place of numbers

reveal_type(x.sum("C"))  # revealed: NamedTensor
reveal_type(x.mean(("C", "T"), keepdim=True))  # revealed: NamedTensor
reveal_type(x.sum(["C", 2]))  # revealed: NamedTensor
reveal_type(x.std("T", correction=0))  # revealed: NamedTensor
reveal_type(x.softmax("C"))  # revealed: NamedTensor
reveal_type(x.cumsum("T"))  # revealed: NamedTensor
reveal_type(x.argmax("C"))  # revealed: NamedTensor
reveal_type(x.any("C"))  # revealed: NamedTensor
reveal_type(x.norm(dim="C"))  # revealed: NamedTensor
reveal_type(x.permute("T", "N", "C"))  # revealed: NamedTensor
reveal_type(x.permute(("T", "N", "C")))  # revealed: NamedTensor
reveal_type(x.flip("T"))  # revealed: NamedTensor
reveal_type(x.roll(1, "T"))  # revealed: NamedTensor
reveal_type(x.select("C", 0))  # revealed: NamedTensor
reveal_type(x.narrow("T", 1, 2))  # revealed: NamedTensor
reveal_type(x.squeeze("C"))  # revealed: NamedTensor
reveal_type(x.unsqueeze("K"))  # revealed: NamedTensor
reveal_type(x.movedim("T", 0))  # revealed: NamedTensor
reveal_type(x.unbind("N"))  # revealed: tuple[NamedTensor, ...]
reveal_type(x.chunk(2, "T"))  # revealed: tuple[NamedTensor, ...]
reveal_type(x.var_mean("C"))  # revealed: tuple[NamedTensor, NamedTensor]

# Results with fields

reveal_type(x.max("C").values)  # revealed: NamedTensor
reveal_type(x.median("T").indices)  # revealed: NamedTensor
values, places = x.topk(2, "T")
reveal_type(values)  # revealed: NamedTensor
reveal_type(x.sort("T")[1])  # revealed: NamedTensor
reveal_type(x.max())  # revealed: NamedTensor
reveal_type(x.max(plain))  # revealed: NamedTensor

# Names given, changed, and put in order

reveal_type(x.rename(N="B"))  # revealed: NamedTensor
reveal_type(x.rename(None))  # revealed: NamedTensor
reveal_type(named(plain, "_ _ _").refine_names("N", ..., "T"))  # revealed: NamedTensor
reveal_type(x.align_to("T", ...))  # revealed: NamedTensor
reveal_type(x.mean(["N", "T"]).align_as(x))  # revealed: NamedTensor
reveal_type(x.flatten(["C", "T"], "F"))  # revealed: NamedTensor
reveal_type(x.unflatten("T", (("a", 2), ("b", 2))))  # revealed: NamedTensor
reveal_type(x.unsqueeze("K").expand(K=5))  # revealed: NamedTensor

# Patterns, and what joins

reveal_type(x.rearrange("N C (a b) -> N (C a) b", b=2))  # revealed: NamedTensor
reveal_type(x.reduce("N C T -> N", "mean"))  # revealed: NamedTensor
reveal_type(namedtorch.rearrange(plain, "N C T -> T N C"))  # revealed: NamedTensor
reveal_type(namedtorch.einsum("N C T, N C S -> N T S", x, x.rename(T="S")))  # revealed: NamedTensor
reveal_type(namedtorch.contract(x, x.rename(T="S"), over="C"))  # revealed: NamedTensor
reveal_type(namedtorch.cat([x, x], "N"))  # revealed: NamedTensor
reveal_type(namedtorch.stack([x, x], "K"))  # revealed: NamedTensor
reveal_type(namedtorch.where(x > 0, x, 0.0))  # revealed: NamedTensor

# Indices

reveal_type(x[0])  # revealed: NamedTensor
reveal_type(x["C", 0])  # revealed: NamedTensor
reveal_type(x["C", 0, "T", 1:3])  # revealed: NamedTensor
reveal_type(x[{"C": 0}])  # revealed: NamedTensor
reveal_type(x[x > 0])  # revealed: NamedTensor
x["C", 0] = 1.0
x[:, 1] = x["C", 2]
for part in x:
    reveal_type(part)  # revealed: NamedTensor
    break

# What is no tensor

number: float = x.sum().item()
reveal_type(x.is_contiguous())  # revealed: bool
reveal_type(x.allclose(x))  # revealed: bool
reveal_type(x.dim())  # revealed: int

# Conversions

reveal_type(x.to(torch.float64))  # revealed: NamedTensor
reveal_type(x.half())  # revealed: NamedTensor
reveal_type(x.float().cpu().contiguous())  # revealed: NamedTensor
reveal_type(x.detach().clone())  # revealed: NamedTensor
reveal_type(x.view(2, 12))  # revealed: NamedTensor
reveal_type(x.T if x.ndim == 2 else x)  # revealed: NamedTensor

# Gradients

weight = named(torch.rand(3, requires_grad=True), "C")
(x.sum(["N", "T"]) * weight).sum().backward()
reveal_type(weight.grad)  # revealed: NamedTensor | None
if weight.grad is not None:
    reveal_type(weight.grad.abs())  # revealed: NamedTensor
x.requires_grad_(False)

# Functions of torch, whose own stubs know tensors only

reveal_type(call(F.relu, x))  # revealed: NamedTensor
reveal_type(call(F.softmax, x, dim="C"))  # revealed: NamedTensor
reveal_type(call(torch.split, x, 2, dim="T"))  # revealed: tuple[NamedTensor, ...]
reveal_type(call(torch.numel, x))  # revealed: int

# Modules and annotations


@checked
def normalize(
    t: Float[NamedTensor, "... C ..."], mean: Float[NamedTensor, "C"]
) -> Float[NamedTensor, "... C ..."]:
    return t - mean.align_as(t)


reveal_type(normalize(x, weight.detach()))  # revealed: NamedTensor


class Head(nn.Module):
    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.linear = named_module(nn.Linear(features, classes), "C -> classes")

    @checked
    def forward(self, x: Float[NamedTensor, "N C T"]) -> Float[NamedTensor, "N classes"]:
        # What a module gives is Any to checkers, whatever its forward says: an annotation tells.
        scores: NamedTensor = self.linear(x.mean("T"))
        return scores


head = Head(3, 5)
reveal_type(head.linear)  # revealed: Linear
reveal_type(head.forward(x))  # revealed: NamedTensor


def total(parts: Sequence[NamedTensor]) -> NamedTensor:
    found = parts[0]
    for one in parts[1:]:
        found = found + one
    return found


reveal_type(total(x.unbind("N")))  # revealed: NamedTensor


def as_plain(t: Tensor | NamedTensor) -> Tensor:
    return t.tensor if isinstance(t, NamedTensor) else t


reveal_type(as_plain(x))  # revealed: Tensor

try:
    x.sum("K")
except DimError as error:
    reveal_type(error.failures[0].code)  # revealed: str
