"""Reductions, distances and running sums of tensors whose sizes are symbols."""

from typing import Any

import pytest

from namedtorch.dims.size import Size
from namedtorch.dims.unknown import Unknown
from tests.ops.symbols import dims, gives

size = Size.symbol

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("torch.sum", (dims("N C H W"),), ""),
    ("torch.sum", (dims("N C H W"), 1), "N H W"),
    ("torch.sum", (dims("N C H W"), (2, 3)), "N C"),
    ("torch.sum", (dims("... H W"), -1), "... H"),
    ("torch.sum", (dims("... H W"), 1), "?"),
    ("torch.sum", (dims("N C"), 2), "axis-out-of-range input"),
    ("torch.sum", (dims("N C"), -1, True), "N 1"),
    ("torch.sum", (dims("N C"), Unknown), "?"),
    ("torch.sum", (dims("N C"), Unknown, True), "_ _"),
    ("torch.sum", (dims("..."), None), ""),
    ("torch.mean", (dims("... C"), None, True), "... 1"),
    ("torch.max", (dims("N C"), 1), ("N", "N")),
    ("torch.max", (dims("N C"), dims("C")), "N C"),
    ("torch.max", (dims("N C"), dims("N")), "broadcast-dims-differ dim[0]"),
    ("torch.max", (dims("N C"), Unknown), "?"),
    ("torch.argmax", (dims("N C"), -1), "N"),
    ("torch.std_mean", (dims("N C"), 1), ("N", "N")),
    ("torch.quantile", (dims("N C"), dims("Q"), 1), "Q N"),
    ("torch.kthvalue", (dims("N C"), 2, 1), ("N", "N")),
    ("torch.kthvalue", (dims("N 5"), 7, 1), "size-unfit input[1]"),
    ("torch.kthvalue", (dims("N 5"), size("k"), 1), ("N", "N")),
    ("torch.nn.functional.cosine_similarity", (dims("N D"), dims("N D")), "N"),
    ("torch.nn.functional.cosine_similarity", (dims("N 1 D"), dims("1 N D"), -1), "N N"),
    ("torch.nn.functional.cosine_similarity", (dims("N 1 D"), dims("M D"), -1), "N M"),
    ("torch.cdist", (dims("B P D"), dims("B R D")), "B P R"),
    ("torch.cdist", (dims("B P D"), dims("B R E")), "contracted-dims-differ x2[2]"),
    ("torch.cdist", (dims("P D"), dims("... R D")), "... P R"),
    ("torch.pdist", (dims("N D"),), "(N**2-N)//2"),
    ("torch.cumsum", (dims("N T"), 1), "N T"),
    ("torch.cumsum", (dims("N T"), 2), "axis-out-of-range input"),
    ("torch.diff", (dims("N T"),), "N T-1"),
    ("torch.diff", (dims("N T"), size("k")), "N T-k"),
    ("torch.diff", (dims("N T"), 1, 0), "N-1 T"),
    ("torch.diff", (dims("... T"),), "... T-1"),
    ("torch.diff", (dims("N T"), 1, -1, dims("N 1")), "N T"),
    ("torch.cummax", (dims("N T"), 1), ("N T", "N T")),
    ("torch.trapezoid", (dims("N T"),), "N"),
    ("torch.aminmax", (dims("N C"),), ("", "")),
    ("torch.logsumexp", (dims("N C"), -1), "N"),
    ("torch.prod", (dims("N C"), 0, True), "1 C"),
    ("torch.norm", (dims("N C"), 2, -1), "N"),
    ("torch.std", (dims("N C"), False), ""),
    ("torch.any", (dims("... C"), -1), "..."),
    ("torch.count_nonzero", (dims("N C"), (0, 1)), ""),
    ("torch.sum", (dims("N C"), (0, 0)), "axis-repeated input"),
    ("torch.nn.functional.pairwise_distance", (dims("N D"), dims("N E")), "broadcast-dims-differ x2[1]"),
    ("torch.nn.functional.pairwise_distance", (dims("... D"), dims("D"), 2.0, 1e-6, True), "... 1"),
    ("torch.cov", (dims("C N"),), "C C"),
]


@pytest.mark.parametrize(("spelling", "arguments", "result"), CASES)
def test_reductions_take_dims_away(spelling: str, arguments: tuple[Any, ...], result: Any) -> None:
    assert gives(spelling, *arguments) == result
