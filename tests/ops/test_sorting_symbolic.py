"""Sorting, counting and diagonals of tensors whose sizes are symbols."""

from typing import Any

import pytest

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from tests.ops.symbols import dims, gives

size = Size.symbol

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("torch.sort", (dims("N T"),), ("N T", "N T")),
    ("torch.topk", (dims("N T"), 5), ("N 5", "N 5")),
    ("torch.topk", (dims("N T"), size("k")), ("N k", "N k")),
    ("torch.topk", (dims("N T"), Unknown), ("N _", "N _")),
    ("torch.topk", (dims("N 3"), 5), "size-unfit input[1]"),
    ("torch.topk", (dims("... V"), size("k"), -1), ("... k", "... k")),
    ("torch.topk", (dims("..."), size("k")), "?"),
    ("torch.unique", (dims("N T"),), "_"),
    ("torch.unique", (dims("N T"), True, True, True), ("_", "N T", "_")),
    ("torch.searchsorted", (dims("N T"), dims("N K")), "N K"),
    ("torch.searchsorted", (dims("N T"), dims("M K")), "index-differs input[0]"),
    ("torch.nn.functional.one_hot", (dims("N T"), size("V")), "N T V"),
    ("torch.nn.functional.one_hot", (dims("N T"),), "N T _"),
    ("torch.nn.functional.one_hot", (dims("... T"), 10), "... T 10"),
    ("torch.tril", (dims("T T"),), "T T"),
    ("torch.tril", (dims("T"),), "rank-unfit input"),
    ("torch.diag", (dims("N"),), "N N"),
    ("torch.diag", (dims("N N"),), "N"),
    ("torch.diag", (dims("N M"),), "min(M,N)"),
    ("torch.diag", (dims("N"), 1), "N+1 N+1"),
    ("torch.diagonal", (dims("B N N"), 0, 1, 2), "B N"),
    ("torch.diagonal", (dims("B N M"), 1, 1, 2), "B max(min(M-1,N),0)"),
    ("torch.diag_embed", (dims("B N"),), "B N N"),
    ("torch.diag_embed", (dims("... N"),), "... N N"),
    ("torch.trace", (dims("N M"),), ""),
    ("torch.bincount", (dims("N"),), "_"),
    ("torch.bincount", (dims("N C"),), "rank-unfit input"),
    ("torch.histc", (dims("N"), 10), "10"),
    ("torch.bucketize", (dims("N T"), dims("K")), "N T"),
]


@pytest.mark.parametrize(("spelling", "arguments", "result"), CASES)
def test_sorting_keeps_or_replaces_dims(spelling: str, arguments: tuple[Any, ...], result: Any) -> None:
    assert gives(spelling, *arguments) == result
