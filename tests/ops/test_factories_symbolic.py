"""Factories, grids and measures with sizes that are symbols."""

from typing import Any

import pytest

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from tests.ops.symbols import dims, gives

size = Size.symbol

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("torch.zeros", (size("N"), 3), "N 3"),
    ("torch.zeros", ((size("N"), size("T")),), "N T"),
    ("torch.zeros", (Unknown,), "?"),
    ("torch.zeros", (Unknown, 3), "_ 3"),
    ("torch.zeros", ([Unknown],), "_"),
    ("torch.full", ((size("N"), Unknown), 0.0), "N _"),
    ("torch.eye", (size("N"),), "N N"),
    ("torch.zeros_like", (dims("... C"),), "... C"),
    ("torch.tensor", ([1.0, 2.0],), "2"),
    ("torch.tensor", ([Unknown, Unknown],), "2 ..."),
    ("torch.tensor", ([[Unknown, 1], [2, 3]],), "2 2"),
    ("torch.tensor", (Unknown,), "..."),
    ("torch.tensor", ([size("N"), size("M")],), "2"),
    ("torch.arange", (size("T"),), "T"),
    ("torch.arange", (0, size("T"), 2), "(T+1)//2"),
    ("torch.arange", (1, size("T") + 1), "T"),
    ("torch.arange", (size("a"), size("a") + size("T")), "T"),
    ("torch.arange", (size("T"), 0, -1), "T"),
    ("torch.arange", (Unknown,), "_"),
    ("torch.arange", (0, size("T"), size("k")), "_"),
    ("torch.arange", (size("T") - 1, -1, -1), "T"),
    ("torch.linspace", (0, 1, size("K")), "K"),
    ("torch.meshgrid", (dims("H"), dims("W")), ("H W", "H W")),
    ("torch.meshgrid", ([dims("H"), dims("W")],), ("H W", "H W")),
    ("torch.meshgrid", (Unknown,), "?"),
    ("torch.meshgrid", (dims("..."), dims("W")), ("_ W", "_ W")),
    ("torch.randint", (0, size("V"), (size("N"), size("T"))), "N T"),
    ("torch.randperm", (size("N"),), "N"),
    ("torch.multinomial", (dims("N V"), 1), "N 1"),
    ("torch.multinomial", (dims("..."), 1), "... 1"),
    ("torch.Tensor.size", (dims("N C H"),), ("N", "C", "H")),
    ("torch.Tensor.size", (dims("N C H"), -1), "H"),
    ("torch.Tensor.size", (dims("... H"), -1), "H"),
    ("torch.Tensor.size", (dims("... H"), 0), "?"),
    ("torch.Tensor.size", (dims("N C"), 2), "axis-out-of-range input"),
    ("torch.Tensor.numel", (dims("N C"),), "C*N"),
    ("torch.Tensor.dim", (dims("N C"),), "2"),
    ("torch.Tensor.dim", (dims("... C"),), "?"),
    ("torch.Tensor.item", (dims("N"),), "size-unfit input"),
    ("torch.Tensor.item", (dims("3"),), "size-unfit input"),
    ("torch.Tensor.item", (dims("... C"),), ""),
    ("torch.Tensor.__len__", (dims("N C"),), "N"),
    ("torch.Tensor.backward", (dims("N"),), "size-unfit input"),
    ("torch.Tensor.backward", (dims("N 3"),), "size-unfit input"),
    ("torch.Tensor.backward", (dims(""),), None),
    ("torch.Tensor.backward", (dims("3 5"),), "size-unfit input"),
    ("torch.autograd.grad", (dims(""), dims("N C")), ("N C",)),
    ("torch.Tensor.new_zeros", (dims("N C"), size("N"), 3), "N 3"),
    ("torch.full_like", (dims("N C"), 0.0), "N C"),
    ("torch.tensor", ([[1, 2], [3]],), "cat-sizes-differ data"),
    ("torch.as_tensor", (dims("N C"),), "N C"),
    ("torch.normal", (dims("N"), dims("N")), "N"),
    ("torch.nn.init.xavier_uniform_", (dims("O I"),), "O I"),
    ("torch.nn.init.xavier_uniform_", (dims("O"),), "rank-unfit tensor"),
    ("torch.tril_indices", (size("T"), size("T")), "2 _"),
    ("torch.FloatTensor", (size("N"), 3), "N 3"),
    ("torch.zeros", (size("N") - size("N") - 1,), "size-impossible size"),
    ("torch.gradient", (dims("H W"),), ("H W", "H W")),
    ("torch.vander", (dims("N"),), "N N"),
    ("torch.range", (0, size("T") - 1), "T"),
    ("torch.fill", (dims("... C"), 1.0), "... C"),
    ("torch.empty", ((size("N"), Unknown),), "N _"),
    ("torch.nn.Transformer.generate_square_subsequent_mask", (size("T"),), "T T"),
]


@pytest.mark.parametrize(("spelling", "arguments", "result"), CASES)
def test_factories_take_symbols_for_sizes(spelling: str, arguments: tuple[Any, ...], result: Any) -> None:
    assert gives(spelling, *arguments) == result
