"""Names behind sorting, searching and counting."""

from tests.ops.names.harness import names
from tests.ops.oracle import ints, t

X = t(2, 3, 5)

CASES = (
    names("N C T -> N C T, N C T", "torch.sort", X, dim="C"),
    names("N C T -> N C T, N C T", "torch.Tensor.sort", X),
    names("N C T -> N C T", "torch.argsort", X, "T"),
    names("N C T -> refused", "torch.argsort", X, "H"),
    names("N C T -> N C T", "torch.msort", X),
    names("N C T -> N C T, N C T", "torch.topk", X, 2),
    names("N C T -> N C T, N C T", "torch.Tensor.topk", X, 1, "C"),
    names("N _ T -> N _ T, N _ T", "torch.topk", X, 1, 1),
    # Each value once.
    names("N C -> _", "torch.unique", ints(2, 3)),
    names("N C -> _, N C, _", "torch.unique", ints(2, 3), return_inverse=True, return_counts=True),
    names("N C -> N C", "torch.Tensor.unique", ints(2, 3), dim="N"),
    names("N C -> N C, C, C", "torch.unique", ints(2, 3), True, True, True, "C"),
    names("N C -> N C, N", "torch.unique_consecutive", ints(2, 3), return_counts=True, dim="N"),
    # Places in what is sorted.
    names("B, N T -> N T", "torch.searchsorted", t(5), t(2, 3)),
    names("N B, N T -> N T", "torch.searchsorted", t(2, 5), t(2, 3)),
    names("N B, _ T -> N T", "torch.searchsorted", t(2, 5), t(2, 3)),
    names("N B, M T -> refused", "torch.searchsorted", t(2, 5), t(2, 3)),
    names("N T, B -> N T", "torch.bucketize", t(2, 3), t(5)),
    # Counts.
    names("N T -> _", "torch.histc", t(2, 3), 7),
    names("N T -> _, _", "torch.histogram", t(2, 3), 7),
    names("N T, B -> B, B", "torch.Tensor.histogram", t(2, 3), t(7)),
    names("N T, N _ -> _, _", "torch.histogram", t(2, 3), 7, weight=t(2, 3)),
    names("N T, T N -> refused", "torch.histogram", t(2, 3), 7, weight=t(2, 3)),
    names("N -> _", "torch.bincount", ints(5)),
    names("N, _ -> _", "torch.bincount", ints(5), t(5)),
    names("N, T -> refused", "torch.bincount", ints(5), t(5)),
    names("N T -> N T _", "torch.nn.functional.one_hot", ints(2, 3), 7),
    names("N T -> N T _", "torch.nn.functional.one_hot", ints(2, 3)),
)
