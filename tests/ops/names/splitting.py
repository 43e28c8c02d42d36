"""Names behind splitting: each piece keeps those of the whole."""

from tests.ops.names.harness import names
from tests.ops.oracle import t

X = t(2, 6, 5)

CASES = (
    names("N C T -> N C T, N C T", "torch.split", X, 3, 1),
    names("N C T -> N C T, N C T", "torch.split", X, [2, 4], "C"),
    names("N C T -> N C T, N C T", "torch.split", X, split_size_or_sections=4, dim="C"),
    names("N C T -> N C T, N C T", "torch.Tensor.split", X, 1),
    names("N C T -> N C T, N C T", "torch.Tensor.split", X, 3, "T"),
    names("N C T -> N C T", "torch.Tensor.split", X, 6, "C"),
    names("N C T -> refused", "torch.Tensor.split", X, 2, "H"),
    names("N C T -> N C T, N C T", "torch.split_with_sizes", X, [1, 5], "C"),
    names("N C T -> N C T, N C T", "torch.chunk", X, 2, "C"),
    names("N _ T -> N _ T, N _ T", "torch.Tensor.chunk", X, 2, 1),
    names("N C T -> C T, C T", "torch.unbind", X),
    names("N C T -> C T, C T", "torch.Tensor.unbind", X, "N"),
    names("N C T -> N C, N C, N C, N C, N C", "torch.Tensor.unbind", X, -1),
    names("N C T -> refused", "torch.unbind", X, "Z"),
    names("N C T -> N C T, N C T", "torch.tensor_split", X, 2, "C"),
    names("N C T -> N C T, N C T, N C T", "torch.tensor_split", X, (1, 3), dim=1),
    names("N C T -> N C T, N C T", "torch.tensor_split", X, (6,), dim=1),
    names("N C T -> N C T, N C T", "torch.hsplit", X, 2),
    names("T -> T, T", "torch.hsplit", t(6), 2),
    names("N C T -> N C T, N C T", "torch.vsplit", X, 2),
    names("N C T -> N C T, N C T", "torch.Tensor.dsplit", X, [2]),
    names("N C T -> N C T, N C T, N C T, N C T, N C T", "torch.dsplit", X, 5),
)
