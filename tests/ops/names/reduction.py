"""Names behind reductions."""

from tests.ops.names.harness import names
from tests.ops.oracle import t

X = t(2, 3, 5)

CASES = (
    names("N C T -> N T", "torch.sum", X, dim=1),
    names("N C T -> N T", "torch.Tensor.sum", X, "C"),
    names("N C T -> N T", "torch.Tensor.mean", X, dim="C"),
    names("N C T -> C", "torch.Tensor.sum", X, ("N", "T")),
    names("N C T -> N C T", "torch.sum", X, dim=-1, keepdim=True),
    names("N C T -> ()", "torch.sum", X),
    names("N C T -> N C T", "torch.amax", X, keepdim=True),
    names("N C T -> N C, N C", "torch.max", X, "T"),
    names("N C C -> refused", "torch.sum", X, "C"),
    names("N C T -> refused", "torch.sum", X, "H"),
)
