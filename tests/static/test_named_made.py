"""Named tensors that are made, and modules that are named: what is inferred is what a run gives, refusals included."""

import ast
import warnings

import pytest

from namedtorch import DimError, NamedTensor
from tests.static.expectations import inferred_dims
from tests.static.named_steps import SCOPE
from tests.static.test_named import checked
from tests.static.test_named_random import words

HEADER = """\
import namedtorch
import torch
from namedtorch import named, named_function, named_module
from torch import nn

x, y = namedtorch.rand(N=2, C=3), namedtorch.rand(N=2, C=3)
images, text = namedtorch.rand(N=2, C=3, H=8, W=8), namedtorch.randint(0, 5, N=2, T=4)
plain = torch.rand(2, 3)
"""

MADE = [
    "named(plain, 'N C')",
    "named(plain, 'N C=3')",
    "named(plain, ('N', None))",
    "named(plain, ['N', 'C'])",
    "named(plain, '_ C')",
    "named(plain, 'N ...')",
    "named(plain, '... C')",
    "named(plain, '*batch N C')",
    "named(plain, 'N 3')",
    "named(torch.rand(4, 4), 'N N')",
    "named(x, 'N C')",
    "named(x, '_ C')",
    "named(x.rename(None), 'A B')",
    "named(x.tensor, 'A B')",
    "namedtorch.zeros(N=2, C=3)",
    "namedtorch.zeros('N=2 C=3')",
    "namedtorch.zeros('N C', N=2, C=3)",
    "namedtorch.zeros('N (H W)', N=2, H=3, W=4)",
    "namedtorch.zeros('N=2 2*N')",
    "namedtorch.zeros('N=2 3')",
    "namedtorch.zeros(2, 3)",
    "namedtorch.zeros([2, 3])",
    "namedtorch.zeros(2, 3, names=('N', 'C'))",
    "namedtorch.zeros((2, 3), names=['N', None])",
    "namedtorch.zeros(2, 3, names='N C')",
    "namedtorch.zeros(size=(2, 3))",
    "namedtorch.ones(N=2, dtype=torch.float64)",
    "namedtorch.empty(N=0)",
    "namedtorch.rand('')",
    "namedtorch.randn(T=x.size('C'))",
    "namedtorch.full('N=2 C=3', 0.5)",
    "namedtorch.full((2, 3), 0.5, names=('N', 'C'))",
    "namedtorch.full(0.5, N=2, C=3)",
    "namedtorch.full((2,), fill_value=1)",
    "namedtorch.eye(N=3, M=3)",
    "namedtorch.eye('N=3 M=4')",
    "namedtorch.eye(3, names=('N', 'M'))",
    "namedtorch.eye(3, 4)",
    "namedtorch.arange(T=5)",
    "namedtorch.arange('T=5')",
    "namedtorch.arange(5)",
    "namedtorch.arange(5, names='T')",
    "namedtorch.linspace(0, 1, T=5)",
    "namedtorch.linspace(0, 1, 'T=5')",
    "namedtorch.linspace(0, 1, 5, names=('T',))",
    "namedtorch.randint(10, N=3)",
    "namedtorch.randint(5, 10, N=3, T=2)",
    "namedtorch.randint(5, 10, 'N=3')",
    "namedtorch.randint(0, 10, (3, 2), names=('N', 'T'))",
    "namedtorch.tensor([[1, 2], [3, 4]], 'N C')",
    "namedtorch.tensor([1.0, 2.0], names=('C',))",
    "namedtorch.tensor([1.0, 2.0])",
    "namedtorch.tensor(3.0)",
    "namedtorch.tensor(x)",
    "namedtorch.as_tensor(plain, 'N C')",
    "namedtorch.zeros_like(x)",
    "namedtorch.full_like(x, 2)",
    "namedtorch.rand_like(plain)",
    "torch.ones_like(x)",
    "namedtorch.cat([x, y], 'N')",
    "namedtorch.cat((x, y), 1)",
    "namedtorch.cat([x, plain])",
    "namedtorch.stack([x, y], 'S')",
    "namedtorch.stack([x, y], 'S', place=1)",
    "namedtorch.stack([x, y], 'S', place=-1)",
    "namedtorch.stack([x, y])",
    "namedtorch.where(x > 0, x, y)",
    "namedtorch.where(x > 0, x, 0.0)",
    "namedtorch.repeat(x, 'N C -> N K C', K=2)",
    "namedtorch.rearrange(plain, 'N C -> C N')",
    "namedtorch.reduce(plain, 'N C -> N', 'sum')",
    "namedtorch.einsum('N C, N K -> C K', x, plain)",
    "namedtorch.call(torch.fft.fft, x, dim='C')",
    "named_module(nn.Linear(3, 5), 'C -> K')(x)",
    "named_module(nn.Linear(3, 5), 'N C -> N K')(x.rename(None))",
    "named_module(nn.Linear(3, 3), 'C -> C')(x)",
    "named_module(nn.Conv2d(3, 5, 3, padding=1), 'N C H W -> N K H W')(images)",
    "named_module(nn.Conv2d(3, 5, 3), 'N C H W -> N K _ _')(images)",
    "named_module(nn.Embedding(9, 5), '... -> ... D')(text)",
    "named_module(nn.Embedding(9, 5), 'N T -> N T D')(text)",
    "named_module(nn.Sequential(nn.Linear(3, 5), nn.ReLU()), 'C -> K')(x)",
    "named_module(nn.Flatten(), 'N C H W -> N (C H W)')(images)",
    "named_function(torch.cdist, 'N C, M C -> N M')(x, x.rename(N='M'))",
    "nn.Linear(3, 5)(x)",
    "nn.Sequential(nn.Linear(3, 5), nn.ReLU())(x)",
]

REFUSED = [
    "named(plain, 'N')",
    "named(plain, 'N C=4')",
    "named(plain, 'N N')",
    "named(plain, ('N', 'N'))",
    "named(plain, ('N', '1'))",
    "named(plain, ('N',))",
    "named(x, 'N K')",
    "named(x, ('N', 'K'))",
    "named(plain, 'N (C')",
    "namedtorch.zeros('N C')",
    "namedtorch.zeros('N=2 _')",
    "namedtorch.zeros('N=2 ...')",
    "namedtorch.zeros(2, 3, names=('N',))",
    "namedtorch.zeros(2, 3, names=('N', 'N'))",
    "namedtorch.zeros()",
    "namedtorch.zeros(N=-1)",
    "namedtorch.tensor([1, 2], 'N C')",
    "namedtorch.tensor([1, 2], 'N=3')",
    "namedtorch.tensor(x, 'N K')",
    "namedtorch.arange(5, names=('T', 'S'))",
    "namedtorch.cat([x, y], 'T')",
    "namedtorch.cat([x, y.T], 'N')",
    "namedtorch.stack([x, y], 'C')",
    "namedtorch.where(x > 0, x, y.T)",
    "namedtorch.rearrange(x, 'C N -> N C')",
    "namedtorch.repeat(x, 'N C -> N K C')",
    "named_module(nn.Linear(3, 5), 'C -> K')(x.rename(C='K'))",
    "named_module(nn.Linear(3, 5), 'C -> K')(plain)",
    "named_module(nn.Linear(3, 5), 'N T C -> N T K')(x)",
    "named_module(nn.Linear(3, 5), 'N C=4 -> N K')(x)",
    "named_module(nn.Linear(3, 5), 'C K')(x)",
    "named_module(nn.Embedding(9, 5), 'N T -> N T D')(text.T)",
    "named_function(torch.cdist, 'N C, M C -> N M')(x, x)",
    "namedtorch.call(torch.fft.fft, x, dim='T')",
]


def scope() -> dict[str, object]:
    found: dict[str, object] = dict(SCOPE)
    exec(HEADER, found)
    return found


def inferred(text: str) -> str:
    source = f"{HEADER}made = {text}\n"
    found = checked(source, "program.py")
    assert [(one.code, one.message) for one in found.problems] == []
    return inferred_dims(ast.parse(source), found.inferred)[source.count("\n")][0]


@pytest.mark.parametrize("text", MADE)
def test_what_is_inferred_is_what_is_made(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = eval(text, scope())
    assert isinstance(made, NamedTensor)
    shown = [
        str(size) if name is None else f"{name}={size}"
        for name, size in zip(made.dims, made.shape, strict=True)
    ]
    assert words(inferred(text)) == shown


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_refused_is_found(text: str) -> None:
    with pytest.raises(DimError):
        eval(text, scope())
    source = f"{HEADER}made = {text}\n"
    found = checked(source, "program.py").problems
    assert [one.place.line for one in found] == [source.count("\n")], found
