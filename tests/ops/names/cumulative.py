"""Names behind what runs along one dim."""

from tests.ops.names.harness import names
from tests.ops.oracle import t

X = t(2, 3, 5)
PAIR = "N C T -> N C T, N C T"

CASES = (
    *(names("N C T -> N C T", f"torch.{name}", X, "C") for name in ("cumsum", "cumprod", "logcumsumexp")),
    *(names(PAIR, f"torch.{name}", X, dim="T") for name in ("cummax", "cummin")),
    names("N C T -> N C T", "torch.Tensor.cumsum", X, -1),
    names("N C T -> refused", "torch.cumsum", X, "H"),
    names("N C T -> N C T", "torch.renorm", X, 2, "C", 1.0),
    # Differences: the axis stays, shorter.
    names("N C T -> N C T", "torch.diff", X),
    names("N C T -> N C T", "torch.diff", X, 2, "T"),
    names("N C T -> N C T", "torch.diff", X, n=0, dim="C"),
    names("N C T, N C T -> N C T", "torch.diff", X, dim="T", prepend=t(2, 3, 1)),
    names("N _ _, _ C T -> N C T", "torch.Tensor.diff", X, append=t(2, 3, 4)),
    names("N C T, N C S -> refused", "torch.diff", X, append=t(2, 3, 4)),
    names("N C T, N D T -> refused", "torch.diff", X, append=t(2, 3, 4)),
    # Integrals take the dim away; sums so far keep it.
    names("N C T -> N C", "torch.trapezoid", X),
    names("N C T -> N T", "torch.trapz", X, dim="C"),
    names("N C T, C -> N T", "torch.trapezoid", X, t(3), dim="C"),
    names("N C T, D -> refused", "torch.trapezoid", X, t(3), dim="C"),
    names("N C _, T -> N C", "torch.trapezoid", X, t(5)),
    names("N C T -> N C T", "torch.cumulative_trapezoid", X),
    names("_ C T, N C T -> N C T", "torch.cumulative_trapezoid", X, X, dim="C"),
    names("N C T -> refused", "torch.cumulative_trapezoid", X, dim="H"),
)
