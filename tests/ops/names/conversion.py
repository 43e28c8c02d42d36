"""Names behind what changes how a tensor is stored."""

import torch

from tests.ops.names.harness import names
from tests.ops.oracle import t

X = t(2, 3)
Z = t(2, 3, dtype=torch.complex64)

_CASTS = (
    "float", "double", "half", "bfloat16", "long", "int", "short", "char",
    "byte", "bool", "cfloat", "cdouble",
)  # fmt: skip
_KEPT = (
    "contiguous", "cpu", "cuda", "requires_grad_", "share_memory_", "to_dense", "data", "clone",
    "detach",
)  # fmt: skip

CASES = (
    *(names("N _ -> N _", f"torch.Tensor.{name}", X) for name in (*_CASTS, *_KEPT)),
    *(names("N C -> N C", f"torch.{name}", X) for name in ("clone", "detach", "nn.Parameter", "nn.Buffer")),
    names("N C -> N C", "torch.autograd.Variable", X),
    names("N C -> N C", "torch.Tensor.contiguous", X, memory_format=torch.contiguous_format),
    names("N C -> N C", "torch.Tensor.to", X, torch.float16),
    names("N C -> N C", "torch.Tensor.to", X, "cpu", torch.int64),
    names("N C -> N C", "torch.Tensor.to", X, dtype=torch.float64, copy=True),
    names("N C, T -> N C", "torch.Tensor.to", X, t(5)),
    names("N C -> N C", "torch.Tensor.type", X, torch.int64),
    names("N C -> ?", "torch.Tensor.type", X),
    names("N C, T -> N C", "torch.Tensor.type_as", X, t(5)),
    *(
        case
        for spelling in ("torch.complex", "torch.polar")
        for case in (
            names("N C, N C -> N C", spelling, X, X),
            names("N _, C -> N C", spelling, X, t(3)),
            names("N C, N T -> refused", spelling, X, X),
        )
    ),
    # Two parts of a number are no dim that anything names.
    names("N C -> N C _", "torch.view_as_real", Z),
    names("N C parts -> N C", "torch.view_as_complex", t(2, 3, 2)),
    names("N C _ -> N C", "torch.view_as_complex", t(2, 3, 2)),
    names("N C -> N C", "torch.real", Z),
    names("N C -> N C", "torch.imag", Z),
)
