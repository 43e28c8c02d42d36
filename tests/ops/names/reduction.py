"""Names behind reductions."""

from tests.ops.names.harness import names
from tests.ops.oracle import bools, t

X = t(2, 3, 5)

_SUMS = ("sum", "nansum", "mean", "nanmean", "prod")
_ONES = (
    "amax", "amin", "all", "any", "logsumexp", "std", "var", "argmax", "argmin", "count_nonzero",
)  # fmt: skip
_PAIRS = ("max", "min", "median", "nanmedian", "mode", "aminmax")
_MEANS = ("std_mean", "var_mean")

CASES = (
    *(names("N C T -> N T", f"torch.{name}", X, dim="C") for name in (*_SUMS, *_ONES)),
    *(names("N C T -> N T, N T", f"torch.{name}", X, dim="C") for name in (*_PAIRS, *_MEANS)),
    *(names("N C T -> N C T, N C T", f"torch.{name}", X, dim=1, keepdim=True) for name in (*_PAIRS, *_MEANS)),
    # One dim, several, or all.
    names("N C T -> N T", "torch.sum", X, dim=1),
    names("N C T -> N T", "torch.Tensor.sum", X, "C"),
    names("N C T -> C", "torch.Tensor.sum", X, ("N", "T")),
    names("N C T -> C", "torch.logsumexp", X, ["N", -1]),
    names("N C T -> N C T", "torch.sum", X, dim=-1, keepdim=True),
    names("N _ T -> N _ T", "torch.sum", X, dim=1, keepdim=True),
    names("N C T -> ()", "torch.sum", X),
    names("N C T -> ()", "torch.Tensor.prod", X),
    names("N C T -> ()", "torch.max", X),
    names("N C T -> ()", "torch._is_all_true", bools(2, 3, 5)),
    names("N C T -> (), ()", "torch.std_mean", X),
    names("N C T -> N C T", "torch.amax", X, keepdim=True),
    names("N C T -> N C, N C", "torch.max", X, "T"),
    names("N C C -> refused", "torch.sum", X, "C"),
    names("N C T -> refused", "torch.sum", X, "H"),
    names("N C T -> refused", "torch.sum", X, ("C", 1)),
    names("_ _ _ -> refused", "torch.sum", X, "C"),
    # The greater of two tensors.
    names("N C T, T -> N C T", "torch.max", X, t(5)),
    names("N _ T, C _ -> N C T", "torch.min", X, other=t(3, 1)),
    names("N C T, C -> refused", "torch.max", X, t(5)),
    # Arguments that are no dims.
    names("N C T -> N T", "torch.norm", X, 2, "C"),
    names("N C T -> N", "torch.Tensor.norm", X, dim=("C", "T")),
    names("N C T -> ()", "torch.var", X, False),
    names("N C T -> N C T", "torch.var", X, dim=("C", "T"), correction=0, keepdim=True),
    names("N C T -> N C, N C", "torch.kthvalue", X, 2),
    names("N C T -> N T, N T", "torch.Tensor.kthvalue", X, 2, "C"),
    # Several quantiles stand in front.
    names("N C T -> N T", "torch.quantile", X, 0.5, "C"),
    names("N C T, Q -> Q N T", "torch.quantile", X, t(7), dim="C"),
    names("N C T, _ -> _ N C T", "torch.nanquantile", X, t(7), dim="C", keepdim=True),
    names("N C T, () -> ()", "torch.nanquantile", X, t()),
)
