"""Functions of torch's own that are written as autograd.Function: what their `apply` does to dims."""

from typing import Final

from namedtorch.ops.op_rule import SAME, OpRule

OPERATORS: Final = (
    # `torch.nn.CrossMapLRN2d` is made of it.
    OpRule(
        "torch.nn.modules._functions.CrossMapLRN2d.apply", "input, size, alpha=0.0001, beta=0.75, k=1",
        "input: n channels h w -> n channels h w", code="rank-unfit", dtype=SAME,
    ),
)  # fmt: skip
