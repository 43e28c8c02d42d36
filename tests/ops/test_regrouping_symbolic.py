"""Rows that move, join, split and repeat axes, with symbols for sizes."""

from typing import Any

import pytest

from namedtorch.dims.unknown import Unknown
from tests.ops.written import gives, size, sizes, tensor

T = "torch.Tensor."
C = size("C")

CASES: list[tuple[Any, ...]] = [
    # Flattened, and split again.
    ("N (C H W)", "torch.flatten", "N C H W", 1),
    ("(N C H W)", "torch.flatten", "N C H W"),
    ("N (C H) W", "torch.flatten", "N C H W", 1, 2),
    ("N C", "torch.flatten", "N C 1 1", 1),
    ("N C", "torch.flatten", "N C", 1),
    ("_ _", "torch.flatten", "...", 1),
    ("N _", "torch.flatten", "N ... W", 1),
    ("... (H W)", "torch.flatten", "... H W", -2),
    ("N _ _", "torch.flatten", "N ... H W", 2),
    ("N (_ C)", "torch.flatten", "N _ C", 1),
    ("N h d T", "torch.unflatten", "N h*d T", 1, (size("h"), -1)),
    ("N h C//h T", "torch.unflatten", "N C T", 1, (size("h"), -1)),
    ("N H W", T + "unflatten", "N (H W)", 1, (size("H"), size("W"))),
    ("N W H !view-moves-dims", T + "unflatten", "N (H W)", 1, (size("W"), size("H"))),
    ("elements-differ", T + "unflatten", "N 30", 1, (4, -1)),
    ("(N C)", T + "ravel", "N C"),
    ("_", T + "ravel", "... C"),
    ("N T-2 C 3", T + "unfold", "N T C", 1, 3, 1),
    ("size-impossible", T + "unfold", "N 2 C", 1, 3, 1),
    ("N C", T + "view_as", "N C 1", "N C"),
    ("elements-differ", T + "view_as", "N C", "N 2*C"),
    # Axes of size 1.
    ("N C 1", "torch.squeeze", "N C 1 1", -1),
    ("N C !squeeze-drops-dim", "torch.squeeze", "N C 1 1"),
    ("3 C", "torch.squeeze", "1 3 C 1"),
    ("N C", "torch.squeeze", "N C"),
    ("N C", "torch.squeeze", "N C", 1),
    ("N 3", "torch.squeeze", "N 3", 1),
    ("Unknown", "torch.squeeze", "N _"),
    ("Unknown", "torch.squeeze", "N H//2"),
    ("Unknown", "torch.squeeze", "... 1"),
    ("... C", "torch.squeeze", "... C 1", -1),
    ("1 ... C", "torch.unsqueeze", "... C", 0),
    ("... C 1", "torch.unsqueeze", "... C", -1),
    ("Unknown", "torch.unsqueeze", "... C", 1),
    ("N 1 C", "torch.unsqueeze", "N C", 1),
    ("B N C", T + "expand", "1 N C", *sizes("B -1 -1")),
    ("B N C", T + "expand", "N 1", *sizes("B -1 C")),
    ("expand-differs", T + "expand", "N C", *sizes("N D")),
    ("expand-differs", T + "expand", "B N C", *sizes("N C")),
    ("B _ C", T + "expand", "... C", *sizes("B -1 -1")),
    ("B N C", T + "expand_as", "1 C", "B N C"),
    ("B 3 C", "torch.broadcast_to", "C", (size("B"), 3, C)),
    # Orders.
    ("N H W C", T + "permute", "N C H W", 0, 2, 3, 1),
    ("N H W _", T + "permute", "N ... H W", 0, 2, 3, 1),
    ("permutation-wrong", T + "permute", "N C H W", 0, 2, 1),
    ("permutation-wrong", T + "permute", "N C ... H W", 0, 2, 1),
    ("axis-repeated", T + "permute", "N C H", 0, 2, 2),
    ("... W H", T + "transpose", "... H W", -1, -2),
    ("Unknown", T + "transpose", "N ... H W", 1, 2),
    ("axis-out-of-range", T + "transpose", "N C", 1, 2),
    ("rank-unfit", T + "t", "N C H"),
    ("C N", T + "T", "N C"),
    ("... W H", T + "mT", "... H W"),
    ("N H W C", "torch.movedim", "N C H W", 1, -1),
    ("C N H W", "torch.movedim", "N C H W", 1, 0),
    # Joined.
    ("N C+D H", "torch.cat", ["N C H", "N D H"], 1),
    ("N 2*C H", "torch.cat", ["N C H", "N C H"], 1),
    ("N _ H", "torch.cat", ["N C H", "N _ H"], 1),
    ("cat-sizes-differ", "torch.cat", ["N C H", "N D H"], 2),
    ("N C+1 H", "torch.cat", ["N C _", "N 1 H"], 1),
    ("rank-unfit", "torch.cat", ["N C H", "N C"], 1),
    ("N C+1 D", "torch.cat", ["... C D", "N 1 D"], 1),
    ("... 2*C", "torch.cat", ["... C", "... C"], -1),
    ("... C+D", "torch.cat", ["*b C", "*b D"], -1),
    ("axis-out-of-range", "torch.cat", ["N C", "N C"], 2),
    ("Unknown", "torch.cat", Unknown, 1),
    ("2 N C", "torch.stack", ["N C", "N C"]),
    ("N C 2", "torch.stack", ["N C", "N C"], -1),
    ("cat-sizes-differ", "torch.stack", ["N C", "N D"]),
    ("N C+D", "torch.hstack", ["N C", "N D"]),
    ("2 C", "torch.vstack", ["C", "C"]),
    ("2 max(S,T) C", "torch.nn.utils.rnn.pad_sequence", ["T C", "S C"], True),
    # Split.
    (("N C", "N C", "N C"), "torch.split", "N 3*C", C, 1),
    (("N C//2", "N C//2"), "torch.split", "N C", size("C//2"), 1),
    (("N 2", "N C"), "torch.split", "N C+2", [2, C], 1),
    ("split-sizes-differ", "torch.split", "N 2*C", [C, C, C], 1),
    ("split-sizes-differ", "torch.split", "N 8", [3, 4], 1),
    (("N _", "N C"), "torch.split", "N C", [Unknown, C], 1),
    ("Unknown", "torch.split", "N C", size("D"), 1),
    ("Unknown", "torch.split", "N C", 2, 1),
    (("N C", "N C"), "torch.chunk", "N 2*C", 2, 1),
    (("N _", "N _"), "torch.chunk", "N C", 2, 1),
    (("... C", "... C", "... C"), "torch.chunk", "... 3*C", 3, -1),
    (("N 4", "N 4", "N 2"), "torch.chunk", "N 10", 3, 1),
    (("N H", "N H", "N H"), "torch.unbind", "N 3 H", 1),
    ("N H, ...", "torch.unbind", "N C H", 1),
    (("2 N", "C-2 N"), "torch.tensor_split", "C N", [2]),
    # Repeated.
    ("N (2 C)", T + "repeat", "N C", 1, 2),
    ("K (2 N) C", T + "repeat", "N C", size("K"), 2, 1),
    ("rank-unfit", T + "repeat", "N C H", 1, 2),
    ("_ (2 C)", T + "repeat", "... C", 1, 2),
    ("(N 3) C", "torch.repeat_interleave", "N C", 3, 0),
    ("(N C 3)", "torch.repeat_interleave", "N C", 3),
    ("(H N) C", T + "tile", "N C", size("H"), 1),
    ("N W H", "torch.rot90", "N H W", 1, (1, 2)),
    ("N H W", "torch.flip", "N H W", (1,)),
    ("axis-out-of-range", "torch.flip", "N H W", (3,)),
    ("Unknown", "torch.nonzero", Unknown, True),
    # Pixels and windows.
    ("N C 2*H 2*W", "torch.pixel_shuffle", "N 4*C H W", 2),
    ("N C//4 2*H 2*W", "torch.pixel_shuffle", "N C H W", 2),
    ("N C H*r W*r", "torch.pixel_shuffle", "N C*r*r H W", size("r")),
    ("channels-differ", "torch.pixel_shuffle", "N 3 H W", 2),
    ("N 4*C H//2 W//2", "torch.pixel_unshuffle", "N C H W", 2),
    ("N C H W", "torch.nn.functional.channel_shuffle", "N C H W", 2),
    ("N (C 3 3) (H-2 W-2)", "torch.nn.functional.unfold", "N C H W", 3),
    ("N (C p p) (H//p W//p)", "torch.nn.functional.unfold", "N C H W", size("p"), 1, 0, size("p")),
    ("N C 5 7", "torch.nn.functional.fold", "N 4*C 24", (5, 7), 2),
    ("size-impossible", "torch.nn.functional.fold", "N 4*C 25", (5, 7), 2),
]  # fmt: skip


@pytest.mark.parametrize(("result", "spelling", "arguments"), [(one[0], one[1], one[2:]) for one in CASES])
def test_row_with_symbols(result: Any, spelling: str, arguments: tuple[Any, ...]) -> None:
    assert gives(spelling, *arguments) == result


INDEXED: list[tuple[str, str, Any]] = [
    ("C", "N C", 0),
    ("T", "N C T", (0, -1)),
    ("N", "N C", (slice(None), C)),
    ("index-out-of-range", "N 3", (slice(None), 3)),
    ("index-out-of-range", "N 3", (slice(None), -4)),
    ("rank-unfit", "N C", (0, 0, 0)),
    ("N-1 C", "N C", slice(1, None)),
    ("N-1 C", "N C", slice(None, -1)),
    ("N-2 C", "N C", slice(1, -1)),
    ("1 C", "N C", slice(-1, None)),
    ("1 C", "N C", slice(0, 1)),
    ("(N+1)//2 C", "N C", slice(None, None, 2)),
    ("N//2 C", "N C", slice(1, None, 2)),
    ("N T", "N 512", (slice(None), slice(None, size("T")))),
    ("N T", "N C", (slice(None), slice(None, size("T")))),
    ("N C", "N C", (slice(None), slice(None, C))),
    ("N C", "N 2*C", (slice(None), slice(None, C))),
    ("N C", "N 2*C", (slice(None), slice(C, None))),
    ("N C", "N C", (slice(None), slice(None, size("C+1")))),
    ("N k", "N C", (slice(None), slice(-size("k"), None))),
    ("N C-k", "N C", (slice(None), slice(None, -size("k")))),
    ("N 8", "N C", (slice(None), slice(size("i"), size("i+8")))),
    ("N _", "N C", (slice(None), slice(Unknown, None))),
    ("N C", "N C", (slice(None), slice(None))),
    ("N 0", "N 5", (slice(None), slice(3, 2))),
    ("index-differs", "N C", slice(None, None, -1)),
    ("1 N C", "N C", None),
    ("N 1 C", "N C", (slice(None), None)),
    ("N C 1", "N C", (..., None)),
    ("... C 1", "... C", (..., None)),
    ("1 ... C", "... C", None),
    ("...", "... C", (..., 0)),
    ("... C 3", "... C D", (..., slice(None, 3))),
    ("N ...", "N ...", (slice(None), 0)),
    ("...", "N ...", 0),
    ("Unknown", "... C", (..., 0, 0)),
    ("_ C", "N C", tensor("N", "bool")),
    ("_ C", "N C", tensor("_", "bool")),
    ("_", "N C", tensor("N C", "bool")),
    ("N _", "N C", (slice(None), tensor("C", "bool"))),
    ("index-differs", "N C", tensor("C", "bool")),
    ("index-differs", "N 3", tensor("N 4", "bool")),
    ("rank-unfit", "N C", tensor("N C H", "bool")),
    ("K C", "N C", tensor("K", "int64")),
    ("K T C", "N C", tensor("K T", "int64")),
    ("N K", "N C", (slice(None), tensor("K", "int64"))),
    ("K", "N C", (tensor("K", "int64"), tensor("K", "int64"))),
    ("K", "N C", (tensor("K", "int64"), 0)),
    ("K T", "N C", (tensor("K 1", "int64"), tensor("T", "int64"))),
    ("K N H", "N C H W", (slice(None), tensor("K", "int64"), slice(None), tensor("K", "int64"))),
    ("broadcast-dims-differ", "N C", (tensor("K", "int64"), tensor("T", "int64"))),
    ("dtype-differs", "N C", tensor("K", "float32")),
    ("_ C", "N C", tensor("K", Unknown)),
    ("Unknown", "N C", tensor("K T", Unknown)),
    ("C", "N C", tensor("", "int64")),
    ("3 C", "N C", [0, 1, 1]),
    ("2 C", "3 C", [True, False, True]),
    ("Unknown", "N C", Unknown),
    ("N C", "N C", ()),
]


@pytest.mark.parametrize(("result", "given", "index"), INDEXED)
def test_index_with_symbols(result: str, given: str, index: Any) -> None:
    assert gives("operator.getitem", given, index) == result


ASSIGNED = [
    ("None", "N C", 0, "C"),
    ("None", "N C", 0, "1"),
    ("None", "N C", (slice(None), 0), "N"),
    ("broadcast-dims-differ", "N C", (slice(None), 0), "C"),
    ("broadcast-dims-differ", "N C", 0, "N C"),
    ("None", "N C", tensor("N", "bool"), "_ C"),
    ("None", "N C", slice(None, 4), "4 C"),
    ("broadcast-dims-differ", "N 8", slice(None, 4), "5 8"),
    ("Unknown", "N C", Unknown, "5 8"),
]


@pytest.mark.parametrize(("result", "given", "index", "value"), ASSIGNED)
def test_assignment_with_symbols(result: str, given: str, index: Any, value: str) -> None:
    assert gives("torch.Tensor.__setitem__", given, index, value) == result


GATHERED = [
    ("N K", "torch.gather", "N C", 1, "N K"),
    ("N 1", "torch.gather", "N C", 1, "N 1"),
    ("index-rank-differs", "torch.gather", "N C", 1, "N"),
    ("index-differs", "torch.gather", "N C", 1, "M 1"),
    ("index-differs", "torch.gather", "3 C", 1, "4 K"),
    ("2 K", "torch.gather", "3 C", 1, "2 K"),
    ("N K", "torch.gather", "... C", 1, "N K"),
    ("axis-out-of-range", "torch.gather", "N C", 2, "N K"),
    ("N C", "torch.scatter", "N C", 1, "N 1", 1.0),
    ("index-rank-differs", "torch.scatter", "N C", 1, "N 1", "N"),
    ("N K", "torch.index_select", "N C", 1, "K"),
    ("index-rank-differs", "torch.index_select", "N C", 1, "N K"),
    ("index-differs", "torch.index_add", "N C", 0, "K", "M C"),
    ("N C", "torch.index_add", "N C", 0, "K", "K C"),
    ("_", "torch.masked_select", "N C", "N C"),
    ("broadcast-dims-differ", "torch.masked_select", "N C", "N"),
    ("_ 2", "torch.nonzero", "N C"),
    (("_", "_"), "torch.nonzero", "N C", True),
    ("_ _", "torch.argwhere", "..."),
    ("N K", "torch.take_along_dim", "N C", "N K", 1),
    ("N", "torch.select", "N C", 1, 0),
    ("N L", "torch.narrow", "N C", 1, 0, size("L")),
    ("N C", "torch.narrow", "N C", 1, 0, C),
]


@pytest.mark.parametrize(("result", "spelling", "arguments"), [(one[0], one[1], one[2:]) for one in GATHERED])
def test_gathering_with_symbols(result: Any, spelling: str, arguments: tuple[Any, ...]) -> None:
    assert gives(spelling, *arguments) == result
